// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Elementwise operations of two operands with broadcasting.

#include <array>
#include <tuple>
#include <type_traits>

#include "kernels/elementwise.h"
#include "kernels/loop_nest.h"
#include "kernels/reference.h"
#include "kernels/targets.h"

#ifndef ARCHLAB_BINARY_TABLE_
#define ARCHLAB_BINARY_TABLE_
namespace archlab {

// A row of n elements. Each operand has one form that advances and one that
// repeats its first element: [both advance, a repeats, b repeats].
template <class A, class B, class Y>
using BinaryRows = std::array<void (*)(const A*, const B*, Y*, int64_t), 3>;
template <class A, class B, class Y>
using BinaryTable = std::array<BinaryRows<A, B, Y>, 4>;  // by BinaryOp
using BinaryTables =
    std::tuple<BinaryTable<float, float, float>, BinaryTable<BF16, BF16, BF16>,
               BinaryTable<float, BF16, float>,
               BinaryTable<BF16, float, float>>;

}  // namespace archlab
#endif  // ARCHLAB_BINARY_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/binary.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

struct AddOp {
  template <class V>
  static HWY_INLINE V Of(V a, V b) {
    return hn::Add(a, b);
  }
};
struct SubOp {
  template <class V>
  static HWY_INLINE V Of(V a, V b) {
    return hn::Sub(a, b);
  }
};
struct MulOp {
  template <class V>
  static HWY_INLINE V Of(V a, V b) {
    return hn::Mul(a, b);
  }
};
struct DivOp {
  template <class V>
  static HWY_INLINE V Of(V a, V b) {
    return hn::Div(a, b);
  }
};

template <bool kAdvances, class D, class T>
HWY_INLINE hn::Vec<D> Operand(D d, const T* p, int64_t i) {
  if constexpr (kAdvances) return LoadF(d, p + i);
  return hn::Set(d, Widen(*p));
}

template <class Op, bool kAdvanceA, bool kAdvanceB, class A, class B, class Y>
void BinaryRow(const A* a, const B* b, Y* y, int64_t n) {
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto u = Operand<kAdvanceA>(d, a, i);
    const auto v = Operand<kAdvanceB>(d, b, i);
    StoreF(d, Op::Of(u, v), y + i);
  });
}

template <class Op, class A, class B, class Y>
BinaryRows<A, B, Y> MakeBinaryRows() {
  return {&BinaryRow<Op, true, true, A, B, Y>,
          &BinaryRow<Op, false, true, A, B, Y>,
          &BinaryRow<Op, true, false, A, B, Y>};
}

template <class A, class B, class Y>
BinaryTable<A, B, Y> MakeBinaryTable() {
  return {MakeBinaryRows<AddOp, A, B, Y>(), MakeBinaryRows<SubOp, A, B, Y>(),
          MakeBinaryRows<MulOp, A, B, Y>(), MakeBinaryRows<DivOp, A, B, Y>()};
}

BinaryTables MakeBinaryTables() {
  return {MakeBinaryTable<float, float, float>(),
          MakeBinaryTable<BF16, BF16, BF16>(),
          MakeBinaryTable<float, BF16, float>(),
          MakeBinaryTable<BF16, float, float>()};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeBinaryTables);

template <class A, class B, class Y>
const BinaryRows<A, B, Y>& RowsOf(BinaryOp op) {
  static const BinaryTables tables = HWY_DYNAMIC_DISPATCH(MakeBinaryTables)();
  return std::get<BinaryTable<A, B, Y>>(tables)[int(op)];
}

}  // namespace

template <class A, class B, class Y>
void BinaryForward(BinaryOp op, const A* a, const Shape& a_shape, const B* b,
                   const Shape& b_shape, Y* y, const Shape& y_shape) {
  if constexpr (std::is_same_v<Y, double>) {
    reference::BinaryForward(op, a, a_shape, b, b_shape, y, y_shape);
  } else {
    const auto a_strides = BroadcastStrides(a_shape, y_shape);
    const auto b_strides = BroadcastStrides(b_shape, y_shape);
    const auto y_strides = BroadcastStrides(y_shape, y_shape);
    const LoopNest nest(y_shape.dims(), {a_strides, b_strides, y_strides});
    const auto [a_step, b_step, y_step] = nest.inner_strides();
    const auto row = RowsOf<A, B, Y>(op)[a_step == 0 ? 1 : b_step == 0 ? 2 : 0];
    nest.Run([&](const LoopNest::Offsets& at, int64_t n) {
      row(a + at[0], b + at[1], y + at[2], n);
    });
  }
}

#define ARCHLAB_INSTANTIATE(A, B, Y)                                      \
  template void BinaryForward(BinaryOp, const A*, const Shape&, const B*, \
                              const Shape&, Y*, const Shape&)
ARCHLAB_INSTANTIATE(double, double, double);
ARCHLAB_INSTANTIATE(float, float, float);
ARCHLAB_INSTANTIATE(BF16, BF16, BF16);
ARCHLAB_INSTANTIATE(float, BF16, float);
ARCHLAB_INSTANTIATE(BF16, float, float);
#undef ARCHLAB_INSTANTIATE

}  // namespace archlab
#endif  // HWY_ONCE
