// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Vector functions that Highway lacks or that hide a NaN there: errors of a few
// units in the last place over the whole range of float.

#include "hwy/contrib/math/math-inl.h"
#include "kernels/simd-inl.h"

#if defined(ARCHLAB_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ARCHLAB_MATH_INL_H_
#undef ARCHLAB_MATH_INL_H_
#else
#define ARCHLAB_MATH_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

// `y`, but NaN where x is.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V KeepNaN(D, V x, V y) {
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

// e^x: 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2, the Taylor series of
// e^r to r^7 (its rest is below 6e-9). Overflows to inf, underflows to 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpF(D d, V x) {
  const hn::RebindToSigned<D> di;
  // Beyond these the result is inf or 0 anyway.
  const V low = hn::Set(d, -104.0f), high = hn::Set(d, 89.0f);
  const V inside = hn::Min(hn::Max(x, low), high);
  const V n = hn::Round(hn::Mul(inside, hn::Set(d, 1.44269504f)));
  // ln 2 in two parts, the first with trailing zeros: n times it is exact.
  V r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), inside);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
  V sum = hn::Set(d, 1.0f / 5040);
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f / 720));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f / 120));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f / 24));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f / 6));
  sum = hn::MulAdd(sum, r, hn::Set(d, 0.5f));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f));
  // 2^n in two factors: n reaches from -150 to 128, an exponent from -126.
  const auto exponent = hn::ConvertTo(di, n);
  const auto half = hn::ShiftRight<1>(exponent);
  const auto rest = hn::Sub(exponent, half);
  const auto bias = hn::Set(di, 127);
  const V f0 = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(half, bias)));
  const V f1 = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(rest, bias)));
  return KeepNaN(d, x, hn::Mul(hn::Mul(sum, f0), f1));
}

// 1 / (1 + e^-x); for large -x the exponential is inf and the result 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V SigmoidF(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, ExpF(d, hn::Neg(x))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V TanhF(D d, V x) {
  return KeepNaN(d, x, hn::Tanh(d, x));
}

// log(x), with the limits that Highway's leaves open.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V LogF(D d, V x) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  const V zero = hn::Zero(d);
  V y = hn::Log(d, x);
  y = hn::IfThenElse(hn::Eq(x, hn::Set(d, kInfinity)), x, y);
  y = hn::IfThenElse(hn::Eq(x, zero), hn::Set(d, -kInfinity), y);
  y = hn::IfThenElse(hn::Lt(x, zero), hn::Set(d, kNaN), y);
  return KeepNaN(d, x, y);
}

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V SoftplusF(D d, V x) {
  const V tail = hn::Log1p(d, ExpF(d, hn::Neg(hn::Abs(x))));
  return KeepNaN(d, x, hn::Add(hn::Max(x, hn::Zero(d)), tail));
}

// Phi(x), the normal distribution function, and its density phi(x). With
// t = 1 / (1 + p |x| / sqrt 2): Phi(-|x|) = e^(-x x / 2) poly(t) / 2 to 8e-8
// (Abramowitz and Stegun 7.1.26).
template <class D, class V = hn::Vec<D>>
struct NormalAt {
  V distribution, density;
};
template <class D, class V = hn::Vec<D>>
HWY_INLINE NormalAt<D> NormalF(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  const V p = hn::Set(d, float(0.3275911 * 0.70710678118654752));
  const V t = hn::Div(one, hn::MulAdd(hn::Abs(x), p, one));
  V poly = hn::Set(d, 1.061405429f);
  poly = hn::MulAdd(poly, t, hn::Set(d, -1.453152027f));
  poly = hn::MulAdd(poly, t, hn::Set(d, 1.421413741f));
  poly = hn::MulAdd(poly, t, hn::Set(d, -0.284496736f));
  poly = hn::MulAdd(poly, t, hn::Set(d, 0.254829592f));
  const V bell = ExpF(d, hn::Mul(hn::Set(d, -0.5f), hn::Mul(x, x)));
  const V tail = hn::Mul(hn::Set(d, 0.5f), hn::Mul(hn::Mul(poly, t), bell));
  const V distribution =
      hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(one, tail));
  return {distribution, hn::Mul(hn::Set(d, 0.3989422804f), bell)};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#endif  // include guard, once a target
