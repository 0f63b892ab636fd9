// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Matrix products.

#include "absl/container/inlined_vector.h"
#include "archlab/ops.h"
#include "autograd/dispatch.h"
#include "autograd/tape.h"
#include "kernels/gemv_int8.h"
#include "kernels/kernels.h"

namespace archlab {
namespace {

Shape LeadingShape(const Tensor& x) {
  return Shape(x.shape().dims().subspan(0, x.rank() - 2));
}

Shape WithMatrix(const Shape& leading, int64_t rows, int64_t columns) {
  absl::InlinedVector<int64_t, Shape::kMaxRank> dims(leading.dims().begin(),
                                                     leading.dims().end());
  dims.insert(dims.end(), {rows, columns});
  return Shape(absl::MakeConstSpan(dims));
}

// A batched operand whose leading dimensions are `leading`: as it is when they
// are equal or all 1 (stride 0), else broadcast.
Tensor SpreadOver(const Tensor& x, const Shape& leading) {
  const Shape own = LeadingShape(x);
  if (own == leading || own.size() == 1) return x.Detach();
  return Expand(x.Detach(), WithMatrix(leading, x.dim(-2), x.dim(-1)));
}

// Off the tape; a and b share a dtype.
Tensor Product(const Tensor& a0, const Tensor& b0, bool ta, bool tb) {
  const Shape leading = BroadcastShape(LeadingShape(a0), LeadingShape(b0));
  const Tensor a = SpreadOver(a0, leading), b = SpreadOver(b0, leading);
  MatMulShape shape;
  shape.m = a.dim(ta ? -1 : -2);
  shape.k = a.dim(ta ? -2 : -1);
  shape.n = b.dim(tb ? -2 : -1);
  shape.transpose_a = ta;
  shape.transpose_b = tb;
  ARCHLAB_CHECK_EQ(shape.k, b.dim(tb ? -1 : -2))
      << "MatMul of " << a0.shape() << " and " << b0.shape();
  Tensor y = Tensor::Empty(WithMatrix(leading, shape.m, shape.n), a.dtype());
  const auto stride = [](const Tensor& x) {
    return LeadingShape(x).size() == 1 ? 0 : x.dim(-1) * x.dim(-2);
  };
  Dispatch(a.dtype(), [&](auto t) {
    using T = decltype(t);
    BatchedMatMulForward<T, T, T>(shape, leading.size(), 1, a.data<T>(),
                                  stride(a), b.data<T>(), stride(b), 0,
                                  y.data<T>(), shape.m * shape.n);
  });
  return y;
}

}  // namespace

Tensor MatMul(const Tensor& a0, const Tensor& b0, bool ta, bool tb) {
  ARCHLAB_CHECK(a0.rank() >= 2 && b0.rank() >= 2)
      << "MatMul of " << a0.shape() << " and " << b0.shape();
  const DType dtype = Promote(a0.dtype(), b0.dtype());
  const Tensor a = Cast(a0, dtype), b = Cast(b0, dtype);
  if (a.rank() > 2 && b.rank() == 2 && !ta) {  // one product of all rows
    const Tensor rows = Reshape(a, {-1, a.dim(-1)});
    return Reshape(MatMul(rows, b, false, tb),
                   WithMatrix(LeadingShape(a), a.dim(-2), b.dim(tb ? 0 : 1)));
  }
  return Record(
      "MatMul", Product(a, b, ta, tb), {a, b},
      [ta, tb, sa = a.shape(), sb = b.shape(), a = KeepIf(NeedsGrad(b), a),
       b = KeepIf(NeedsGrad(a), b)](const Tensor& dy, Gradients& out) {
        if (out.Needs(0)) {
          out.Add(0, SumTo(ta ? Product(b, dy, tb, true)
                              : Product(dy, b, false, !tb),
                           sa));
        }
        if (out.Needs(1)) {
          out.Add(1, SumTo(tb ? Product(dy, a, true, ta)
                              : Product(a, dy, !ta, false),
                           sb));
        }
      });
}

namespace {

// dweight [out, in] = dy^T x, in f32 for bf16.
Tensor WeightGradient(const Tensor& dy, const Tensor& x) {
  const int64_t out = dy.dim(-1), in = x.dim(-1);
  Tensor dweight = Tensor::Empty({out, in}, WideDType(x.dtype()));
  MatMulShape shape;
  shape.m = out;
  shape.n = in;
  shape.k = x.size() / in;
  shape.transpose_a = true;
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    MatMulForward<T, T, Wide<T>>(shape, 1, dy.data<T>(), x.data<T>(), 0,
                                 dweight.data<Wide<T>>());
  });
  return dweight;
}

}  // namespace

namespace {

// Y: type of the result; x's or Wide of it.
template <class T, class Y>
void LinearRows(const Tensor& x, const Tensor& weight, const Tensor& bias,
                Tensor& y) {
  LinearForward<T, Y>(x.data<T>(), weight.data<T>(), DataOrNull<Wide<T>>(bias),
                      y.data<Y>(), y.size() / weight.dim(0), weight.dim(0),
                      weight.dim(1));
}

// Whether the product is limited by reading the weight, which has 8-bit values.
bool ReadsInt8(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  constexpr int64_t kRows = 32;  // from then on a matrix product is faster
  return weight.link() != nullptr && weight.link()->int8 != nullptr &&
         !NeedsGrad({x, weight, bias}) && x.dtype() != DType::kF64 &&
         x.size() <= kRows * x.dim(-1);
}

void LinearInt8(const Tensor& x, const Int8Matrix& weight, const Tensor& bias,
                Tensor& y) {
  const int64_t rows = y.size() / weight.n();
  const auto run = [&](auto tx, auto ty) {
    using X = decltype(tx);
    using Y = decltype(ty);
    RunGemvInt8(x.data<X>(), rows, weight, DataOrNull<float>(bias),
                y.data<Y>());
  };
  const auto into = [&](auto tx) {
    y.dtype() == DType::kBF16 ? run(tx, BF16()) : run(tx, float());
  };
  x.dtype() == DType::kBF16 ? into(BF16()) : into(float());
}

Tensor LinearInto(const char* name, bool wide, const Tensor& x0,
                  const Tensor& weight, const Tensor& bias0) {
  ARCHLAB_CHECK(weight.rank() == 2 && x0.rank() >= 1);
  ARCHLAB_CHECK_EQ(x0.dim(-1), weight.dim(1))
      << "Linear of " << x0.shape() << " with weight " << weight.shape();
  const Tensor bias =
      bias0.defined() ? Cast(bias0, WideDType(weight.dtype())) : bias0;
  Shape shape = x0.shape();
  shape.set(-1, weight.dim(0));
  if (ReadsInt8(x0, weight, bias)) {
    Tensor y = Tensor::Empty(shape, wide ? DType::kF32 : weight.dtype());
    LinearInt8(x0, *weight.link()->int8, bias, y);
    return y;
  }
  const Tensor x = Cast(x0, weight.dtype());
  Tensor y = Tensor::Empty(shape, wide ? WideDType(x.dtype()) : x.dtype());
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    if (wide)
      LinearRows<T, Wide<T>>(x, weight, bias, y);
    else
      LinearRows<T, T>(x, weight, bias, y);
  });
  return Record(
      name, y, {x, weight, bias},
      [before = x.shape(), narrow = x.dtype(), x = KeepIf(NeedsGrad(weight), x),
       weight = KeepIf(NeedsGrad(x), weight)](const Tensor& dy,
                                              Gradients& out) {
        const Tensor rows = dy.View({-1, dy.dim(-1)});
        const Tensor factor = Cast(rows, narrow);
        if (out.Needs(0)) {
          out.Add(0, Product(factor, weight, false, false).View(before));
        }
        if (out.Needs(1)) out.Add(1, WeightGradient(factor, x));
        if (out.Needs(2)) out.Add(2, SumTo(rows, {dy.dim(-1)}));
      });
}

}  // namespace

Tensor Linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return LinearInto("Linear", false, x, weight, bias);
}

Tensor LinearWide(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return LinearInto("LinearWide", true, x, weight, bias);
}

}  // namespace archlab
