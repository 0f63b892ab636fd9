// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Elementwise operations of one operand, gated units, masks and dropout.

#include "archlab/ops.h"
#include "autograd/dispatch.h"
#include "autograd/tape.h"
#include "kernels/kernels.h"

namespace archlab {
namespace {

Tensor Unary(const char* name, UnaryOp op, const Tensor& x) {
  Tensor y = EmptyLike(x);
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    UnaryForward<T>(op, x.data<T>(), y.data<T>(), x.size());
  });
  return Record(name, y, {x},
                [op, x = x.Detach()](const Tensor& dy, Gradients& out) {
                  Tensor dx = EmptyLike(x);
                  Dispatch(x.dtype(), [&](auto t) {
                    using T = decltype(t);
                    UnaryBackward<T>(op, x.data<T>(), dy.data<T>(),
                                     dx.data<T>(), x.size());
                  });
                  out.Add(0, dx);
                });
}

}  // namespace

Tensor Exp(const Tensor& x) { return Unary("Exp", UnaryOp::kExp, x); }
Tensor Log(const Tensor& x) { return Unary("Log", UnaryOp::kLog, x); }
Tensor Sqrt(const Tensor& x) { return Unary("Sqrt", UnaryOp::kSqrt, x); }
Tensor Abs(const Tensor& x) { return Unary("Abs", UnaryOp::kAbs, x); }
Tensor Square(const Tensor& x) { return Unary("Square", UnaryOp::kSquare, x); }
Tensor Tanh(const Tensor& x) { return Unary("Tanh", UnaryOp::kTanh, x); }
Tensor Sigmoid(const Tensor& x) {
  return Unary("Sigmoid", UnaryOp::kSigmoid, x);
}
Tensor Softplus(const Tensor& x) {
  return Unary("Softplus", UnaryOp::kSoftplus, x);
}
Tensor Relu(const Tensor& x) { return Unary("Relu", UnaryOp::kRelu, x); }
Tensor ReluSquared(const Tensor& x) {
  return Unary("ReluSquared", UnaryOp::kReluSquared, x);
}
Tensor GeluErf(const Tensor& x) {
  return Unary("GeluErf", UnaryOp::kGeluErf, x);
}
Tensor GeluTanh(const Tensor& x) {
  return Unary("GeluTanh", UnaryOp::kGeluTanh, x);
}
Tensor Silu(const Tensor& x) { return Unary("Silu", UnaryOp::kSilu, x); }
Tensor Elu(const Tensor& x) { return Unary("Elu", UnaryOp::kElu, x); }

Tensor Gated(const Tensor& a0, const Tensor& b0, Gate gate) {
  ARCHLAB_CHECK_EQ(a0.shape(), b0.shape()) << "Gated";
  const DType dtype = Promote(a0.dtype(), b0.dtype());
  const Tensor a = Cast(a0, dtype), b = Cast(b0, dtype);
  Tensor y = EmptyLike(a);
  Dispatch(dtype, [&](auto t) {
    using T = decltype(t);
    GatedForward<T>(gate, a.data<T>(), b.data<T>(), y.data<T>(), y.size());
  });
  return Record(
      "Gated", y, {a, b},
      [gate, a = a.Detach(), b = b.Detach()](const Tensor& dy, Gradients& out) {
        Tensor da = out.Needs(0) ? EmptyLike(a) : Tensor();
        Tensor db = out.Needs(1) ? EmptyLike(b) : Tensor();
        Dispatch(a.dtype(), [&](auto t) {
          using T = decltype(t);
          GatedBackward<T>(gate, a.data<T>(), b.data<T>(), dy.data<T>(),
                           da.defined() ? da.data<T>() : nullptr,
                           db.defined() ? db.data<T>() : nullptr, a.size());
        });
        if (da.defined()) out.Add(0, da);
        if (db.defined()) out.Add(1, db);
      });
}

Tensor MaskFill(const Tensor& x, const Tensor& mask, double value) {
  ARCHLAB_CHECK_EQ(BroadcastShape(x.shape(), mask.shape()), x.shape())
      << "the mask broadcasts to x";
  Tensor y = EmptyLike(x);
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    MaskFillForward<T>(x.data<T>(), x.shape(), mask.data<int32_t>(),
                       mask.shape(), value, y.data<T>());
  });
  return Record("MaskFill", y, {x},
                [mask = mask.Detach()](const Tensor& dy, Gradients& out) {
                  out.Add(0, MaskFill(dy, mask, 0));
                });
}

Tensor Dropout(const Tensor& x, double p, const Random& random) {
  if (p == 0) return x;
  Tensor y = EmptyLike(x);
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    DropoutForward<T>(x.data<T>(), p, random, y.data<T>(), x.size());
  });
  return Record("Dropout", y, {x},
                [p, random](const Tensor& dy, Gradients& out) {
                  out.Add(0, Dropout(dy, p, random));
                });
}

Tensor Cast(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  Tensor y = Tensor::Empty(x.shape(), dtype);
  Convert(x.raw(), x.dtype(), y.raw(), dtype, x.size());
  if (!IsFloat(dtype)) return y;
  return Record("Cast", y, {x}, [](const Tensor& dy, Gradients& out) {
    out.Add(0, dy);  // cast back where it is added
  });
}

}  // namespace archlab
