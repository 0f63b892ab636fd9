// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Products of a few rows with a weight [n, k]: each weight row is read once and
// multiplied with all rows of x.

#include "kernels/gemv.h"

#include <algorithm>
#include <tuple>
#include <type_traits>

#include "archlab/check.h"
#include "kernels/chunks.h"
#include "kernels/flops.h"
#include "kernels/targets.h"
#include "tensor/storage.h"

#ifndef ARCHLAB_GEMV_TABLE_
#define ARCHLAB_GEMV_TABLE_
namespace archlab {

// Weight rows from begin to end times `x` [m, k] as ReadRows arranged it.
template <class T, class Y>
using GemvFunction = void (*)(const GemvArgs<T, Y>& args, const float* x,
                              int64_t begin, int64_t end);

struct GemvTable {
  std::tuple<GemvFunction<float, float>, GemvFunction<BF16, BF16>,
             GemvFunction<BF16, float>>
      gemv;
  void (*read_rows)(const BF16* x, int64_t ldx, int64_t m, int64_t k, float* y);
};

}  // namespace archlab
#endif  // ARCHLAB_GEMV_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemv.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

// The two vectors of a pair that stands at w: of floats one after the other, of
// BF16 the even elements, then the odd ones, which takes no shuffle.
HWY_INLINE void LoadPair(Floats d, const float* w, hn::Vec<Floats>& first,
                         hn::Vec<Floats>& second) {
  first = hn::LoadU(d, w);
  second = hn::LoadU(d, w + hn::Lanes(d));
}
HWY_INLINE void LoadPair(Floats d, const BF16* w, hn::Vec<Floats>& first,
                         hn::Vec<Floats>& second) {
#if HWY_TARGET == HWY_SCALAR
  first = LoadF(d, w);
  second = LoadF(d, w + 1);
#else
  const hn::RebindToUnsigned<Floats> d32;
  const hn::Repartition<uint16_t, Floats> d16;
  const auto bits = hn::BitCast(d32, hn::LoadU(d16, &w->bits));
  first = hn::BitCast(d, hn::ShiftLeft<16>(bits));
  second = hn::BitCast(d, hn::And(bits, hn::Set(d32, 0xFFFF0000u)));
#endif
}

// Dense floats of x [m, k], in the order in which LoadPair gives weights.
void ReadRowsBf16(const BF16* x, int64_t ldx, int64_t m, int64_t k, float* y) {
  const Floats d;
  const int64_t lanes = hn::Lanes(d);
  for (int64_t r = 0; r < m; ++r, x += ldx, y += k) {
    int64_t i = 0;
    for (; i + 2 * lanes <= k; i += 2 * lanes) {
      hn::Vec<Floats> first, second;
      LoadPair(d, x + i, first, second);
      hn::StoreU(first, d, y + i);
      hn::StoreU(second, d, y + i + lanes);
    }
    for (; i < k; ++i) y[i] = Widen(x[i]);
  }
}

// Dot products of kStreams weight rows, `far` elements apart, with kRows rows
// of x: dots[kStreams][kRows].
template <int kRows, int kStreams, class T>
HWY_INLINE void DotRows(int64_t k, const float* x, int64_t ldx, const T* w,
                        int64_t far, float* dots) {
  const Floats d;
  const int64_t lanes = hn::Lanes(d);
  hn::Vec<Floats> even[kStreams][kRows], odd[kStreams][kRows];
  for (int s = 0; s < kStreams; ++s)
    for (int r = 0; r < kRows; ++r) even[s][r] = odd[s][r] = hn::Zero(d);
  int64_t i = 0;
  for (; i + 2 * lanes <= k; i += 2 * lanes) {
    for (int s = 0; s < kStreams; ++s) {
      hn::Vec<Floats> first, second;
      LoadPair(d, w + s * far + i, first, second);
      for (int r = 0; r < kRows; ++r) {
        const float* const row = x + r * ldx + i;
        even[s][r] = hn::MulAdd(first, hn::LoadU(d, row), even[s][r]);
        odd[s][r] = hn::MulAdd(second, hn::LoadU(d, row + lanes), odd[s][r]);
      }
    }
  }
  for (int s = 0; s < kStreams; ++s) {
    for (int r = 0; r < kRows; ++r) {
      const auto sum = hn::Add(even[s][r], odd[s][r]);
      float dot = hn::GetLane(hn::SumOfLanes(d, sum));
      for (int64_t j = i; j < k; ++j)
        dot += Widen(w[s * far + j]) * x[r * ldx + j];
      dots[s * kRows + r] = dot;
    }
  }
}

template <class T, class Y>
HWY_INLINE void StoreDot(const GemvArgs<T, Y>& args, float dot, int64_t row,
                         int64_t j) {
  const float bias = args.bias == nullptr ? 0 : args.bias[j];
  StoreF(OneFloat(), hn::Set(OneFloat(), args.alpha * dot + bias),
         args.y + row * args.ldy + j);
}

// One row of x. Two distant rows of the weight side by side: memory answers two
// streams a thread faster than one, and much faster than neighbouring rows or
// with software prefetching (measured on Zen 4).
template <class T, class Y>
void GemvOneRow(const GemvArgs<T, Y>& args, const float* x, int64_t begin,
                int64_t end) {
  const int64_t half = (end - begin) / 2, middle = begin + half;
  float dots[2];
  for (int64_t j = begin; j < middle; ++j) {
    DotRows<1, 2>(args.k, x, 0, args.weight + j * args.ldw, half * args.ldw,
                  dots);
    StoreDot(args, dots[0], 0, j);
    StoreDot(args, dots[1], 0, j + half);
  }
  for (int64_t j = middle + half; j < end; ++j) {
    DotRows<1, 1>(args.k, x, 0, args.weight + j * args.ldw, 0, dots);
    StoreDot(args, dots[0], 0, j);
  }
}

template <class T>
HWY_INLINE void DotUpToFour(int64_t rows, int64_t k, const float* x,
                            int64_t ldx, const T* w, float* dots) {
  switch (rows) {
    case 1:
      return DotRows<1, 1>(k, x, ldx, w, 0, dots);
    case 2:
      return DotRows<2, 1>(k, x, ldx, w, 0, dots);
    case 3:
      return DotRows<3, 1>(k, x, ldx, w, 0, dots);
    default:
      return DotRows<4, 1>(k, x, ldx, w, 0, dots);
  }
}

template <class T, class Y>
void Gemv(const GemvArgs<T, Y>& args, const float* x, int64_t begin,
          int64_t end) {
  if (args.m == 1) return GemvOneRow(args, x, begin, end);
  const int64_t ldx = std::is_same_v<T, float> ? args.ldx : args.k;
  for (int64_t j = begin; j < end; ++j) {
    for (int64_t row = 0; row < args.m; row += 4) {
      const int64_t rows = std::min<int64_t>(4, args.m - row);
      float dots[4];
      DotUpToFour(rows, args.k, x + row * ldx, ldx, args.weight + j * args.ldw,
                  dots);
      for (int64_t r = 0; r < rows; ++r) StoreDot(args, dots[r], row + r, j);
    }
  }
}

GemvTable MakeGemvTable() {
  return {{&Gemv<float, float>, &Gemv<BF16, BF16>, &Gemv<BF16, float>},
          &ReadRowsBf16};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeGemvTable);

}  // namespace

template <class T, class Y>
void RunGemv(const GemvArgs<T, Y>& args) {
  static const GemvTable table = HWY_DYNAMIC_DISPATCH(MakeGemvTable)();
  const auto function = std::get<GemvFunction<T, Y>>(table.gemv);
  CountProduct(args.m, args.n, args.k);
  if constexpr (std::is_same_v<T, float>) {
    ForWeightRows(args.n, args.k, [&](int64_t begin, int64_t end) {
      function(args, args.x, begin, end);
    });
  } else {
    const Storage wide(args.m * args.k * int64_t{sizeof(float)});
    float* const x = static_cast<float*>(wide.data);
    table.read_rows(args.x, args.ldx, args.m, args.k, x);
    ForWeightRows(args.n, args.k, [&](int64_t begin, int64_t end) {
      function(args, x, begin, end);
    });
  }
}

template void RunGemv(const GemvArgs<float, float>&);
template void RunGemv(const GemvArgs<BF16, BF16>&);
template void RunGemv(const GemvArgs<BF16, float>&);

}  // namespace archlab
#endif  // HWY_ONCE
