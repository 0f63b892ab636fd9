// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Operations over the last axis: softmax and norms.

#include "archlab/ops.h"
#include "autograd/dispatch.h"
#include "autograd/tape.h"
#include "kernels/kernels.h"

namespace archlab {
namespace {

int64_t RowsOf(const Tensor& x) { return Extent(x.shape(), 0, x.rank() - 1); }

// A gain or bias of the norms in the dtype that the statistics have.
Tensor AsWide(const Tensor& gain, const Tensor& x) {
  if (!gain.defined()) return gain;
  ARCHLAB_CHECK_EQ(gain.shape(), Shape({x.dim(-1)}))
      << "gain or bias for " << x.shape();
  return Cast(gain, WideDType(x.dtype()));
}

Tensor EmptyIf(bool wanted, const Shape& shape, DType dtype) {
  return wanted ? Tensor::Empty(shape, dtype) : Tensor();
}

template <class T>
T* MutableOrNull(Tensor& x) {
  return x.defined() ? x.data<T>() : nullptr;
}

}  // namespace

Tensor Softmax(const Tensor& x) {
  Tensor y = EmptyLike(x);
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    SoftmaxForward<T>(x.data<T>(), y.data<T>(), RowsOf(x), x.dim(-1));
  });
  return Record("Softmax", y, {x}, [y](const Tensor& dy, Gradients& out) {
    Tensor dx = EmptyLike(y);
    Dispatch(y.dtype(), [&](auto t) {
      using T = decltype(t);
      SoftmaxBackward<T>(y.data<T>(), dy.data<T>(), dx.data<T>(), RowsOf(y),
                         y.dim(-1));
    });
    out.Add(0, dx);
  });
}

Tensor LogSoftmax(const Tensor& x) {
  Tensor y = EmptyLike(x);
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    LogSoftmaxForward<T>(x.data<T>(), y.data<T>(), RowsOf(x), x.dim(-1));
  });
  return Record("LogSoftmax", y, {x}, [y](const Tensor& dy, Gradients& out) {
    Tensor dx = EmptyLike(y);
    Dispatch(y.dtype(), [&](auto t) {
      using T = decltype(t);
      LogSoftmaxBackward<T>(y.data<T>(), dy.data<T>(), dx.data<T>(), RowsOf(y),
                            y.dim(-1));
    });
    out.Add(0, dx);
  });
}

Tensor LayerNorm(const Tensor& x, const Tensor& gain0, const Tensor& bias0,
                 double epsilon) {
  const Tensor gain = AsWide(gain0, x), bias = AsWide(bias0, x);
  const bool recorded = NeedsGrad({x, gain, bias});
  const DType wide = WideDType(x.dtype());
  Tensor y = EmptyLike(x);
  Tensor mean = EmptyIf(recorded, {RowsOf(x)}, wide);
  Tensor rstd = EmptyIf(recorded, {RowsOf(x)}, wide);
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    using W = Wide<T>;
    LayerNormForward<T>(x.data<T>(), DataOrNull<W>(gain), DataOrNull<W>(bias),
                        epsilon, y.data<T>(), MutableOrNull<W>(mean),
                        MutableOrNull<W>(rstd), RowsOf(x), x.dim(-1));
  });
  return Record(
      "LayerNorm", y, {x, gain, bias},
      [x = x.Detach(), gain = KeepIf(true, gain), mean, rstd](const Tensor& dy,
                                                              Gradients& out) {
        Tensor dx = EmptyIf(out.Needs(0), x.shape(), x.dtype());
        Tensor dgain = EmptyIf(out.Needs(1), {x.dim(-1)}, mean.dtype());
        Tensor dbias = EmptyIf(out.Needs(2), {x.dim(-1)}, mean.dtype());
        Dispatch(x.dtype(), [&](auto t) {
          using T = decltype(t);
          using W = Wide<T>;
          LayerNormBackward<T>(x.data<T>(), DataOrNull<W>(gain), mean.data<W>(),
                               rstd.data<W>(), dy.data<T>(),
                               MutableOrNull<T>(dx), MutableOrNull<W>(dgain),
                               MutableOrNull<W>(dbias), RowsOf(x), x.dim(-1));
        });
        if (dx.defined()) out.Add(0, dx);
        if (dgain.defined()) out.Add(1, dgain);
        if (dbias.defined()) out.Add(2, dbias);
      });
}

Tensor RmsNorm(const Tensor& x, const Tensor& gain0, double epsilon) {
  const Tensor gain = AsWide(gain0, x);
  const DType wide = WideDType(x.dtype());
  Tensor y = EmptyLike(x);
  Tensor rstd = EmptyIf(NeedsGrad({x, gain}), {RowsOf(x)}, wide);
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    using W = Wide<T>;
    RmsNormForward<T>(x.data<T>(), DataOrNull<W>(gain), epsilon, y.data<T>(),
                      MutableOrNull<W>(rstd), RowsOf(x), x.dim(-1));
  });
  return Record(
      "RmsNorm", y, {x, gain},
      [x = x.Detach(), gain = KeepIf(true, gain), rstd](const Tensor& dy,
                                                        Gradients& out) {
        Tensor dx = EmptyIf(out.Needs(0), x.shape(), x.dtype());
        Tensor dgain = EmptyIf(out.Needs(1), {x.dim(-1)}, rstd.dtype());
        Dispatch(x.dtype(), [&](auto t) {
          using T = decltype(t);
          using W = Wide<T>;
          RmsNormBackward<T>(x.data<T>(), DataOrNull<W>(gain), rstd.data<W>(),
                             dy.data<T>(), MutableOrNull<T>(dx),
                             MutableOrNull<W>(dgain), RowsOf(x), x.dim(-1));
        });
        if (dx.defined()) out.Add(0, dx);
        if (dgain.defined()) out.Add(1, dgain);
      });
}

}  // namespace archlab
