// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Elementwise functions and their derivatives on vectors: structs with
// Value(d, x) and Slope(d, x).

#include "kernels/math-inl.h"

#if defined(ARCHLAB_FUNCTIONS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ARCHLAB_FUNCTIONS_INL_H_
#undef ARCHLAB_FUNCTIONS_INL_H_
#else
#define ARCHLAB_FUNCTIONS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

// x where positive, else 0; a NaN stays.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Positive(D d, V x) {
  return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x);
}
// 1 where x is positive, else 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Step(D d, V x) {
  return hn::IfThenElseZero(hn::Gt(x, hn::Zero(d)), hn::Set(d, 1.0f));
}

struct ExpOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    return ExpF(d, x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    return ExpF(d, x);
  }
};

struct LogOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    return LogF(d, x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    return hn::Div(hn::Set(d, 1.0f), x);
  }
};

struct SqrtOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D, V x) {
    return hn::Sqrt(x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    return hn::Div(hn::Set(d, 0.5f), hn::Sqrt(x));
  }
};

struct AbsOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D, V x) {
    return hn::Abs(x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    const V sign = hn::CopySign(hn::Set(d, 1.0f), x);
    return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, KeepNaN(d, x, sign));
  }
};

struct SquareOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D, V x) {
    return hn::Mul(x, x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D, V x) {
    return hn::Add(x, x);
  }
};

struct TanhOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    return TanhF(d, x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    const V y = TanhF(d, x);
    return hn::NegMulAdd(y, y, hn::Set(d, 1.0f));
  }
};

struct SigmoidOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    return SigmoidF(d, x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    return hn::Mul(SigmoidF(d, x), SigmoidF(d, hn::Neg(x)));
  }
};

struct SoftplusOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    return SoftplusF(d, x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    return SigmoidF(d, x);
  }
};

struct ReluOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    return Positive(d, x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    return Step(d, x);
  }
};

struct ReluSquaredOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    const V y = Positive(d, x);
    return hn::Mul(y, y);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    const V y = Positive(d, x);
    return hn::Add(y, y);
  }
};

struct GeluErfOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    return hn::Mul(x, NormalF(d, x).distribution);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    const auto normal = NormalF(d, x);
    return hn::MulAdd(x, normal.density, normal.distribution);
  }
};

// (1 + tanh(u / 2)) / 2 = sigmoid(u), with u = 2 sqrt(2 / pi) (x + 0.044715
// x^3): one exponential instead of a tanh.
struct GeluTanhOp {
  static constexpr float kLinear = 2 * 0.7978845608f;
  static constexpr float kCubic = kLinear * 0.044715f;
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Inner(D d, V x) {
    const V slope =
        hn::MulAdd(hn::Mul(x, x), hn::Set(d, kCubic), hn::Set(d, kLinear));
    return hn::Mul(x, slope);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    return hn::Mul(x, SigmoidF(d, Inner(d, x)));
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    const V one = hn::Set(d, 1.0f);
    const V inner_slope =
        hn::MulAdd(hn::Mul(x, x), hn::Set(d, 3 * kCubic), hn::Set(d, kLinear));
    const V s = SigmoidF(d, Inner(d, x));
    const V flat = hn::Mul(s, hn::Sub(one, s));
    // Far out this is 0 times inf, and should be 0.
    const V bend = hn::Mul(hn::Mul(x, inner_slope), flat);
    return hn::Add(s, hn::IfThenZeroElse(hn::Eq(flat, hn::Zero(d)), bend));
  }
};

struct SiluOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    return hn::Mul(x, SigmoidF(d, x));
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    const V one = hn::Set(d, 1.0f);
    const V s = SigmoidF(d, x);
    return hn::Mul(s, hn::MulAdd(x, hn::Sub(one, s), one));  // s + x s (1 - s)
  }
};

struct EluOp {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V x) {
    const V zero = hn::Zero(d);
    const V below = KeepNaN(d, x, hn::Expm1(d, hn::Min(x, zero)));
    return hn::IfThenElse(hn::Gt(x, zero), x, below);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V x) {
    const V zero = hn::Zero(d);
    const V below = KeepNaN(d, x, ExpF(d, hn::Min(x, zero)));
    return hn::IfThenElse(hn::Gt(x, zero), hn::Set(d, 1.0f), below);
  }
};

template <class Op, class T>
void UnaryValues(const T* x, T* y, int64_t n) {
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    StoreF(d, Op::Value(d, LoadF(d, x + i)), y + i);
  });
}

template <class Op, class T>
void UnarySlopes(const T* x, const T* dy, T* dx, int64_t n) {
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto slope = Op::Slope(d, LoadF(d, x + i));
    StoreF(d, hn::Mul(LoadF(d, dy + i), slope), dx + i);
  });
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#endif  // include guard, once a target
