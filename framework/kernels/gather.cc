// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rows by index, and the gradient: occurrences are sorted by row, so that every
// row is summed by one thread, in order.

#include "kernels/gather.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <type_traits>

#include "archlab/check.h"
#include "kernels/chunks.h"
#include "kernels/convert.h"
#include "kernels/elementwise.h"
#include "kernels/reference.h"
#include "tensor/storage.h"

namespace archlab {
namespace {

void CheckIds(const int32_t* ids, int64_t n, int64_t rows) {
  for (int64_t i = 0; i < n; ++i) {
    ARCHLAB_CHECK(ids[i] >= 0 && ids[i] < rows)
        << "index " << ids[i] << " at " << i << ", but there are " << rows
        << " rows";
  }
}

// row += the sum of dy[order[0..count-1]], one after the other in float.
template <class T, class G>
void AddRows(const T* dy, const int64_t* order, int64_t count, G* row,
             int64_t width) {
  if constexpr (std::is_same_v<G, BF16>) {
    const Storage scratch(width * sizeof(float));
    float* const sum = static_cast<float*>(scratch.data);
    Convert(row, sum, width);
    AddRows(dy, order, count, sum, width);
    Convert(sum, row, width);
  } else {
    for (int64_t i = 0; i < count; ++i) {
      Axpy(1, dy + order[i] * width, row, width);
    }
  }
}

}  // namespace

template <class T>
void GatherRowsForward(const T* table, const int32_t* ids, T* y, int64_t n,
                       int64_t rows, int64_t width) {
  CheckIds(ids, n, rows);
  ForRows(n, width, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      std::memcpy(y + i * width, table + ids[i] * width, width * sizeof(T));
    }
  });
}

template <class T, class G>
void GatherRowsBackward(const T* dy, const int32_t* ids, G* dtable, int64_t n,
                        int64_t rows, int64_t width) {
  CheckIds(ids, n, rows);
  CacheVector<int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  // Not stable_sort, which takes memory of its own.
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return ids[a] != ids[b] ? ids[a] < ids[b] : a < b;
  });
  CacheVector<int64_t> starts;  // of each run of equal ids, in `order`
  for (int64_t i = 0; i < n; ++i) {
    if (i == 0 || ids[order[i]] != ids[order[i - 1]]) starts.push_back(i);
  }
  const int64_t runs = starts.size();
  starts.push_back(n);
  ForRows(runs, width, [&](int64_t begin, int64_t end) {
    for (int64_t run = begin; run < end; ++run) {
      const int64_t first = starts[run];
      AddRows(dy, order.data() + first, starts[run + 1] - first,
              dtable + ids[order[first]] * width, width);
    }
  });
}

template void GatherRowsForward(const double*, const int32_t*, double*, int64_t,
                                int64_t, int64_t);
template void GatherRowsForward(const float*, const int32_t*, float*, int64_t,
                                int64_t, int64_t);
template void GatherRowsForward(const BF16*, const int32_t*, BF16*, int64_t,
                                int64_t, int64_t);
template void GatherRowsBackward(const double*, const int32_t*, double*,
                                 int64_t, int64_t, int64_t);
template void GatherRowsBackward(const float*, const int32_t*, float*, int64_t,
                                 int64_t, int64_t);
template void GatherRowsBackward(const BF16*, const int32_t*, BF16*, int64_t,
                                 int64_t, int64_t);
template void GatherRowsBackward(const BF16*, const int32_t*, float*, int64_t,
                                 int64_t, int64_t);

}  // namespace archlab
