// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Elementwise operations of two operands, with broadcasting.

#include "archlab/ops.h"
#include "autograd/dispatch.h"
#include "autograd/tape.h"
#include "kernels/kernels.h"

namespace archlab {
namespace {

Tensor Binary(BinaryOp op, const Tensor& a, const Tensor& b) {
  const DType dtype = Promote(a.dtype(), b.dtype());
  Tensor y = Tensor::Empty(BroadcastShape(a.shape(), b.shape()), dtype);
  const auto run = [&](auto ta, auto tb, auto ty) {
    using A = decltype(ta);
    using B = decltype(tb);
    using Y = decltype(ty);
    BinaryForward<A, B, Y>(op, a.data<A>(), a.shape(), b.data<B>(), b.shape(),
                           y.data<Y>(), y.shape());
  };
  if (a.dtype() == b.dtype()) {
    Dispatch(dtype, [&](auto t) { run(t, t, t); });
  } else if (a.dtype() == DType::kF32) {
    run(float(), BF16(), float());
  } else {
    run(BF16(), float(), float());
  }
  return y;
}

}  // namespace

Tensor Add(const Tensor& a, const Tensor& b) {
  return Record(
      "Add", Binary(BinaryOp::kAdd, a, b), {a, b},
      [sa = a.shape(), sb = b.shape()](const Tensor& dy, Gradients& out) {
        if (out.Needs(0)) out.Add(0, SumTo(dy, sa));
        if (out.Needs(1)) out.Add(1, SumTo(dy, sb));
      });
}

Tensor Sub(const Tensor& a, const Tensor& b) {
  return Record(
      "Sub", Binary(BinaryOp::kSub, a, b), {a, b},
      [sa = a.shape(), sb = b.shape()](const Tensor& dy, Gradients& out) {
        if (out.Needs(0)) out.Add(0, SumTo(dy, sa));
        if (out.Needs(1)) out.Add(1, -SumTo(dy, sb));
      });
}

Tensor Mul(const Tensor& a, const Tensor& b) {
  return Record(
      "Mul", Binary(BinaryOp::kMul, a, b), {a, b},
      [sa = a.shape(), sb = b.shape(), a = KeepIf(NeedsGrad(b), a),
       b = KeepIf(NeedsGrad(a), b)](const Tensor& dy, Gradients& out) {
        if (out.Needs(0)) out.Add(0, SumTo(Mul(dy, b), sa));
        if (out.Needs(1)) out.Add(1, SumTo(Mul(dy, a), sb));
      });
}

Tensor Div(const Tensor& a, const Tensor& b) {
  const Tensor y = Binary(BinaryOp::kDiv, a, b);
  return Record("Div", y, {a, b},
                [sa = a.shape(), y = KeepIf(NeedsGrad(b), y), b = b.Detach()](
                    const Tensor& dy, Gradients& out) {
                  const Tensor da = Div(dy, b);
                  if (out.Needs(0)) out.Add(0, SumTo(da, sa));
                  if (out.Needs(1)) out.Add(1, SumTo(-Mul(da, y), b.shape()));
                });
}

Tensor Affine(const Tensor& x, double scale, double shift) {
  Tensor y = EmptyLike(x);
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    AffineForward<T>(x.data<T>(), scale, shift, y.data<T>(), x.size());
  });
  return Record("Affine", y, {x}, [scale](const Tensor& dy, Gradients& out) {
    out.Add(0, Affine(dy, scale, 0));
  });
}

}  // namespace archlab
