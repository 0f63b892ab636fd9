// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reductions. Sums over an axis keep the dtype; sums over everything are f32
// for bf16, because they are losses.

#include "archlab/ops.h"
#include "autograd/dispatch.h"
#include "autograd/tape.h"
#include "kernels/kernels.h"

namespace archlab {
namespace {

// x as [outer, n, inner] around an axis.
struct Split {
  Split(const Tensor& x, int axis)
      : reduced(x.shape()),
        outer(Extent(x.shape(), 0, axis)),
        n(x.dim(axis)),
        inner(Extent(x.shape(), axis + 1, x.rank())) {
    reduced.set(axis, 1);
  }
  Shape reduced;
  int64_t outer, n, inner;
};

Tensor ScaledSum(const char* name, const Tensor& x, int axis, double scale) {
  const Split split(x, axis);
  Tensor y = Tensor::Empty(split.reduced, WideDType(x.dtype()));
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    SumAxis<T, Wide<T>>(x.data<T>(), y.data<Wide<T>>(), split.outer, split.n,
                        split.inner, scale);
  });
  return Record(name, Cast(y, x.dtype()), {x},
                [scale, before = x.shape()](const Tensor& dy, Gradients& out) {
                  out.Add(0, Expand(Affine(dy, scale, 0), before));
                });
}

Tensor ScaledSumAll(const char* name, const Tensor& x, double scale) {
  double sum = 0;
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    sum = SumAll<T>(x.data<T>(), x.size());
  });
  const Tensor y = Tensor::Full(Shape(), WideDType(x.dtype()), scale * sum);
  return Record(name, y, {x},
                [scale, before = x.shape(), dtype = x.dtype()](const Tensor& dy,
                                                               Gradients& out) {
                  Tensor dx = Tensor::Empty(before, dtype);
                  Dispatch(dtype, [&](auto t) {
                    using T = decltype(t);
                    Fill<T>(dx.data<T>(), scale * dy.At(0), dx.size());
                  });
                  out.Add(0, dx);
                });
}

}  // namespace

Tensor Sum(const Tensor& x, int axis) {
  return ScaledSum("Sum", x, CheckAxis(axis, x.rank()), 1);
}

Tensor Mean(const Tensor& x, int axis) {
  axis = CheckAxis(axis, x.rank());
  return ScaledSum("Mean", x, axis, 1.0 / x.dim(axis));
}

Tensor SumAll(const Tensor& x) { return ScaledSumAll("SumAll", x, 1); }

Tensor MeanAll(const Tensor& x) {
  return ScaledSumAll("MeanAll", x, 1.0 / x.size());
}

Tensor Max(const Tensor& x, int axis) {
  axis = CheckAxis(axis, x.rank());
  const Split split(x, axis);
  Tensor y = Tensor::Empty(split.reduced, x.dtype());
  Tensor index = Tensor::Empty(split.reduced, DType::kI32);
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    MaxAxis<T>(x.data<T>(), y.data<T>(), index.data<int32_t>(), split.outer,
               split.n, split.inner);
  });
  return Record(
      "Max", y, {x},
      [index, split, before = x.shape()](const Tensor& dy, Gradients& out) {
        Tensor dx = Tensor::Zeros(before, dy.dtype());
        const int32_t* at = index.data<int32_t>();
        Dispatch(dy.dtype(), [&](auto t) {
          using T = decltype(t);
          for (int64_t i = 0; i < index.size(); ++i) {
            const int64_t o = i / split.inner, k = i % split.inner;
            dx.data<T>()[(o * split.n + at[i]) * split.inner + k] =
                dy.data<T>()[i];
          }
        });
        out.Add(0, dx);
      });
}

}  // namespace archlab
