// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Products of a few rows with a weight [n, k]: each weight row is read once and
// multiplied with all rows of x.

#include "kernels/gemv.h"

#include <algorithm>
#include <tuple>

#include "archlab/check.h"
#include "kernels/chunks.h"
#include "kernels/flops.h"
#include "kernels/targets.h"

#ifndef ARCHLAB_GEMV_TABLE_
#define ARCHLAB_GEMV_TABLE_
namespace archlab {

// y[i * n + j] for weight rows j from begin to end.
template <class T, class Y>
using GemvFunction = void (*)(const GemvArgs<T, Y>& args, int64_t begin,
                              int64_t end);
using GemvTable =
    std::tuple<GemvFunction<float, float>, GemvFunction<BF16, BF16>,
               GemvFunction<BF16, float>>;

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

// kRows dot products of one weight row; two sums for each run side by side.
template <int kRows, class T, class Y>
HWY_INLINE void DotRows(const GemvArgs<T, Y>& args, const T* x, const T* w,
                        Y* y, float bias) {
  const Floats d;
  const int64_t lanes = hn::Lanes(d), k = args.k, ldx = args.ldx;
  hn::Vec<Floats> even[kRows], odd[kRows];
  for (int r = 0; r < kRows; ++r) even[r] = odd[r] = hn::Zero(d);
  int64_t i = 0;
  for (; i + 2 * lanes <= k; i += 2 * lanes) {
    const auto w0 = LoadF(d, w + i), w1 = LoadF(d, w + i + lanes);
    for (int r = 0; r < kRows; ++r) {
      even[r] = hn::MulAdd(w0, LoadF(d, x + r * ldx + i), even[r]);
      odd[r] = hn::MulAdd(w1, LoadF(d, x + r * ldx + i + lanes), odd[r]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    const auto both = hn::Add(even[r], odd[r]);
    float sum = hn::GetLane(hn::SumOfLanes(d, both));
    for (int64_t j = i; j < k; ++j) sum += Widen(w[j]) * Widen(x[r * ldx + j]);
    StoreF(OneFloat(), hn::Set(OneFloat(), args.alpha * sum + bias),
           y + r * args.ldy);
  }
}

template <class T, class Y>
void Gemv(const GemvArgs<T, Y>& args, int64_t begin, int64_t end) {
  for (int64_t j = begin; j < end; ++j) {
    const float bias = args.bias == nullptr ? 0 : args.bias[j];
    for (int64_t row = 0; row < args.m; row += 4) {
      const T* const x = args.x + row * args.ldx;
      const T* const w = args.weight + j * args.ldw;
      Y* const y = args.y + row * args.ldy + j;
      switch (std::min<int64_t>(4, args.m - row)) {
        case 1:
          DotRows<1>(args, x, w, y, bias);
          break;
        case 2:
          DotRows<2>(args, x, w, y, bias);
          break;
        case 3:
          DotRows<3>(args, x, w, y, bias);
          break;
        default:
          DotRows<4>(args, x, w, y, bias);
      }
    }
  }
}

GemvTable MakeGemvTable() {
  return {&Gemv<float, float>, &Gemv<BF16, BF16>, &Gemv<BF16, float>};
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
  const auto function = std::get<GemvFunction<T, Y>>(table);
  CountProduct(args.m, args.n, args.k);
  ForRows(args.n, args.k,
          [&](int64_t begin, int64_t end) { function(args, begin, end); });
}

template void RunGemv(const GemvArgs<float, float>&);
template void RunGemv(const GemvArgs<BF16, BF16>&);
template void RunGemv(const GemvArgs<BF16, float>&);

}  // namespace archlab
#endif  // HWY_ONCE
