// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// AdamW's update, in vectors: a root and a quotient an element, which the
// baseline instruction set computes at a quarter of the speed of memory.

#include "archlab/adamw_update.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adamw.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

void AdamWLanes(const AdamWRates& r, int64_t n, const float* g, float* m,
                float* v, float* w) {
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto gradient = LoadF(d, g + i);
    const auto mean = hn::MulAdd(hn::Set(d, r.beta1), LoadF(d, m + i),
                                 hn::Mul(hn::Set(d, 1 - r.beta1), gradient));
    const auto square = hn::MulAdd(
        hn::Set(d, r.beta2), LoadF(d, v + i),
        hn::Mul(hn::Set(d, 1 - r.beta2), hn::Mul(gradient, gradient)));
    const auto scale = hn::MulAdd(hn::Sqrt(square), hn::Set(d, r.inverse_root),
                                  hn::Set(d, r.epsilon));
    const auto change =
        hn::Div(hn::Mul(hn::Set(d, r.scaled_rate), mean), scale);
    StoreF(d, mean, m + i);
    StoreF(d, square, v + i);
    StoreF(d, hn::MulSub(hn::Set(d, r.keep), LoadF(d, w + i), change), w + i);
  });
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(AdamWLanes);

}  // namespace

void AdamWUpdate(const AdamWRates& rates, int64_t n, const float* g, float* m,
                 float* v, float* w) {
  HWY_DYNAMIC_DISPATCH(AdamWLanes)(rates, n, g, m, v, w);
}

}  // namespace archlab
#endif  // HWY_ONCE
