// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What the vector kernels share: loads and stores that widen and round BF16,
// and loops over lanes with a scalar tail. Included once a target by files with
// foreach_target.h, after highway.h.

#include <cstdint>
#include <limits>

#include "hwy/highway.h"
#include "kernels/types.h"

#if defined(ARCHLAB_SIMD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ARCHLAB_SIMD_INL_H_
#undef ARCHLAB_SIMD_INL_H_
#else
#define ARCHLAB_SIMD_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;  // a full vector
using OneFloat = hn::CappedTag<float, 1>;

template <class D>
HWY_INLINE hn::Vec<D> LoadF(D d, const float* p) {
  return hn::LoadU(d, p);
}

template <class D>
HWY_INLINE hn::Vec<D> LoadF(D d, const BF16* p) {
  const hn::Rebind<uint16_t, D> d16;
  const hn::RebindToUnsigned<D> d32;
  const auto bits = hn::PromoteTo(d32, hn::LoadU(d16, &p->bits));
  return hn::BitCast(d, hn::ShiftLeft<16>(bits));
}

template <class D>
HWY_INLINE void StoreF(D d, hn::Vec<D> value, float* p) {
  hn::StoreU(value, d, p);
}

// Rounds to nearest even; a NaN stays one.
template <class D>
HWY_INLINE void StoreF(D, hn::Vec<D> value, BF16* p) {
  const hn::Rebind<uint16_t, D> d16;
  const hn::RebindToUnsigned<D> d32;
  const auto bits = hn::BitCast(d32, value);
  const auto upper = hn::ShiftRight<16>(bits);
  const auto odd = hn::And(upper, hn::Set(d32, 1u));
  const auto half = hn::Set(d32, 0x7FFFu);
  const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(half, odd)));
  const auto nan = hn::RebindMask(d32, hn::IsNaN(value));
  const auto quiet = hn::Or(upper, hn::Set(d32, 0x40u));
  hn::StoreU(hn::TruncateTo(d16, hn::IfThenElse(nan, quiet, rounded)), d16,
             &p->bits);
}

HWY_INLINE float Widen(float x) { return x; }
HWY_INLINE float Widen(BF16 x) { return x.ToFloat(); }

// body(d, i) for every i in 0..n-1 a multiple of the lanes of d, as many full
// vectors as fit, then one lane at a time.
template <class Body>
HWY_INLINE void ForLanes(int64_t n, Body&& body) {
  const Floats d;
  const int64_t lanes = hn::Lanes(d);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) body(d, i);
  for (; i < n; ++i) body(OneFloat(), i);
}

// The sum of term(d, i) over 0..n-1. Four sums run side by side, so that an
// addition need not wait for the one before.
template <class Term>
HWY_INLINE float SumLanes(int64_t n, Term&& term) {
  const Floats d;
  const int64_t lanes = hn::Lanes(d);
  auto sum0 = hn::Zero(d), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    sum0 = hn::Add(sum0, term(d, i));
    sum1 = hn::Add(sum1, term(d, i + lanes));
    sum2 = hn::Add(sum2, term(d, i + 2 * lanes));
    sum3 = hn::Add(sum3, term(d, i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) sum0 = hn::Add(sum0, term(d, i));
  const auto sum = hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3));
  float total = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; i < n; ++i) total += hn::GetLane(term(OneFloat(), i));
  return total;
}

// The maximum of x[0..n-1], -inf for none; unspecified where a NaN is among
// them.
template <class T>
HWY_INLINE float MaxLanes(const T* x, int64_t n) {
  const Floats d;
  const int64_t lanes = hn::Lanes(d);
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  auto top = hn::Set(d, kLowest);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) top = hn::Max(top, LoadF(d, x + i));
  float result = hn::GetLane(hn::MaxOfLanes(d, top));
  for (; i < n; ++i) result = HWY_MAX(result, Widen(x[i]));
  return result;
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#endif  // include guard, once a target
