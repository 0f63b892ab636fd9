// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sums, maxima and norms.

#include "kernels/reduce.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <tuple>
#include <type_traits>

#include "kernels/chunks.h"
#include "kernels/convert.h"
#include "kernels/elementwise.h"
#include "kernels/reference.h"
#include "kernels/targets.h"
#include "tensor/storage.h"

#ifndef ARCHLAB_REDUCE_TABLE_
#define ARCHLAB_REDUCE_TABLE_
namespace archlab {

template <class T>
struct ReduceFunctions {
  float (*sum)(const T* x, int64_t n);
  float (*squares)(const T* x, int64_t n);
  // Whether all are finite.
  bool (*finite)(const T* x, int64_t n);
  // sums[j] = sum over `rows` rows of x[row * width + j], float.
  void (*columns)(const T* x, float* sums, int64_t rows, int64_t width);
};
using ReduceTable = std::tuple<ReduceFunctions<float>, ReduceFunctions<BF16>>;

}  // namespace archlab
#endif  // ARCHLAB_REDUCE_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/reduce.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

template <class T>
float Sum(const T* x, int64_t n) {
  return SumLanes(n,
                  [&](auto d, int64_t i) HWY_ATTR { return LoadF(d, x + i); });
}

template <class T>
float Squares(const T* x, int64_t n) {
  return SumLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto v = LoadF(d, x + i);
    return hn::Mul(v, v);
  });
}

// v - v is 0 where v is finite, else NaN, which every further sum keeps.
template <class T>
bool Finite(const T* x, int64_t n) {
  const float sum = SumLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto v = LoadF(d, x + i);
    return hn::Sub(v, v);
  });
  return sum == 0;
}

template <class T>
void Columns(const T* x, float* sums, int64_t rows, int64_t width) {
  ForLanes(width, [&](auto d, int64_t j) HWY_ATTR {
    auto even = hn::Zero(d), odd = even;
    int64_t row = 0;
    for (; row + 2 <= rows; row += 2) {
      even = hn::Add(even, LoadF(d, x + row * width + j));
      odd = hn::Add(odd, LoadF(d, x + (row + 1) * width + j));
    }
    if (row < rows) even = hn::Add(even, LoadF(d, x + row * width + j));
    StoreF(d, hn::Add(even, odd), sums + j);
  });
}

template <class T>
ReduceFunctions<T> MakeReduceFunctions() {
  return {&Sum<T>, &Squares<T>, &Finite<T>, &Columns<T>};
}

ReduceTable MakeReduceTable() {
  return {MakeReduceFunctions<float>(), MakeReduceFunctions<BF16>()};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeReduceTable);

template <class T>
const ReduceFunctions<T>& FunctionsOf() {
  static const ReduceTable table = HWY_DYNAMIC_DISPATCH(MakeReduceTable)();
  return std::get<ReduceFunctions<T>>(table);
}

// Elements whose sum is taken in float; the sums of blocks are added in double.
constexpr int64_t kBlock = 512;

// A function of blocks summed in double: in order within a chunk, then over
// chunks.
template <class T>
double SumBlocks(float (*block)(const T*, int64_t), const T* x, int64_t n) {
  const int64_t chunks = (n + kChunkElements - 1) / kChunkElements;
  CacheVector<double> sums(chunks, 0.0);
  ForElements(n, [&](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t i = begin; i < end; i += kBlock) {
      sum += block(x + i, std::min(kBlock, end - i));
    }
    sums[begin / kChunkElements] = sum;
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

// x [n, inner] -> y [inner]: chunks of rows into rows of scratch, then the
// scratch, as often as it takes.
template <class X, class Y>
void SumColumns(const X* x, Y* y, int64_t n, int64_t inner, double scale) {
  const int64_t rows = std::max<int64_t>(16, RowsPerChunk(inner));
  const int64_t chunks = std::max<int64_t>(1, (n + rows - 1) / rows);
  const Storage scratch(chunks * inner * sizeof(float));
  float* const partial = static_cast<float*>(scratch.data);
  const auto columns = FunctionsOf<X>().columns;
  ParallelFor(chunks, 1, [&](int64_t chunk, int64_t) {
    columns(x + chunk * rows * inner, partial + chunk * inner,
            std::min(rows, n - chunk * rows), inner);
  });
  if (chunks > 1) return SumColumns(partial, y, chunks, inner, scale);
  AffineForward(partial, scale, 0, partial, inner);
  Convert(partial, y, inner);
}

float ToFloat(float x) { return x; }
float ToFloat(BF16 x) { return x.ToFloat(); }

template <class Y>
Y Narrow(double value) {
  if constexpr (std::is_same_v<Y, BF16>)
    return BF16::From(float(value));
  else
    return Y(value);
}

// x [outer, n] -> y [outer].
template <class X, class Y>
void SumLast(const X* x, Y* y, int64_t outer, int64_t n, double scale) {
  const auto sum = FunctionsOf<X>().sum;
  ForRows(outer, n, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      double total = 0;
      for (int64_t i = 0; i < n; i += kBlock) {
        total += sum(x + o * n + i, std::min(kBlock, n - i));
      }
      y[o] = Narrow<Y>(scale * total);
    }
  });
}

}  // namespace

template <class X, class Y>
void SumAxis(const X* x, Y* y, int64_t outer, int64_t n, int64_t inner,
             double scale) {
  if constexpr (std::is_same_v<X, double>) {
    reference::SumAxis(x, y, outer, n, inner, scale);
  } else if (inner == 1) {
    SumLast(x, y, outer, n, scale);
  } else if (outer * inner == 0) {
    return;
  } else {
    ForRows(outer, n * inner, [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) {
        SumColumns(x + o * n * inner, y + o * inner, n, inner, scale);
      }
    });
  }
}

template <class T>
void MaxAxis(const T* x, T* y, int32_t* index, int64_t outer, int64_t n,
             int64_t inner) {
  if constexpr (std::is_same_v<T, double>) {
    reference::MaxAxis(x, y, index, outer, n, inner);
  } else {
    ForRows(outer * inner, n, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; ++item) {
        const T* const column = x + item / inner * n * inner + item % inner;
        int64_t best = 0;
        float top = ToFloat(*column);
        for (int64_t i = 1; i < n; ++i) {
          const float next = ToFloat(column[i * inner]);
          if (next > top || (std::isnan(next) && !std::isnan(top))) {
            top = next;
            best = i;
          }
        }
        y[item] = column[best * inner];
        if (index != nullptr) index[item] = int32_t(best);
      }
    });
  }
}

template <class T>
double SumAll(const T* x, int64_t n) {
  if constexpr (std::is_same_v<T, double>)
    return reference::SumAll(x, n);
  else
    return SumBlocks(FunctionsOf<T>().sum, x, n);
}

template <class T>
double SquaredNorm(const T* x, int64_t n) {
  if constexpr (std::is_same_v<T, double>)
    return reference::SquaredNorm(x, n);
  else
    return SumBlocks(FunctionsOf<T>().squares, x, n);
}

template <class T>
bool AllFinite(const T* x, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    return reference::AllFinite(x, n);
  } else {
    std::atomic<bool> finite = true;
    ForElements(n, [&](int64_t begin, int64_t end) {
      if (!FunctionsOf<T>().finite(x + begin, end - begin)) finite = false;
    });
    return finite;
  }
}

#define ARCHLAB_INSTANTIATE(T)                                              \
  template void SumAxis(const T*, T*, int64_t, int64_t, int64_t, double);   \
  template void MaxAxis(const T*, T*, int32_t*, int64_t, int64_t, int64_t); \
  template double SumAll(const T*, int64_t);                                \
  template double SquaredNorm(const T*, int64_t);                           \
  template bool AllFinite(const T*, int64_t)
ARCHLAB_INSTANTIATE(double);
ARCHLAB_INSTANTIATE(float);
ARCHLAB_INSTANTIATE(BF16);
#undef ARCHLAB_INSTANTIATE
template void SumAxis(const BF16*, float*, int64_t, int64_t, int64_t, double);

}  // namespace archlab
#endif  // HWY_ONCE
