// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "autograd/attention.h"

#include "archlab/ops.h"
#include "autograd/dispatch.h"
#include "autograd/tape.h"
#include "kernels/attention.h"
#include "kernels/attention_reference.h"
#include "kernels/kernels.h"

namespace archlab {
namespace {

// What forward and backward share; q, k, v off the tape, in their own dtype.
struct Call {
  Tensor q, k, v;
  AttentionOptions options;
  Tensor bias;  // f32, or f64 with f64 data; or undefined
};

template <class T>
AttentionArgs<T> ArgsOf(const AttentionOptions& options, const Tensor& bias,
                        int64_t heads) {
  AttentionArgs<T> args;
  args.heads = args.kv_heads = heads;
  args.scale = options.scale;
  args.mask = options.mask.get();
  args.bias = bias.defined() ? bias.raw() : nullptr;
  args.reach = options.reach;
  args.dropout = options.dropout;
  args.random = &options.random;
  return args;
}

template <class T>
AttentionArgs<T> ArgsOf(const Call& call, const Tensor& q, const Tensor& k,
                        const Tensor& v) {
  AttentionArgs<T> args = ArgsOf<T>(call.options, call.bias, q.dim(2));
  args.kv_heads = k.dim(2);
  args.dim = q.dim(3);
  args.q = q.data<T>();
  args.k = k.data<T>();
  args.v = v.data<T>();
  args.row_tokens = k.dim(1);
  return args;
}

void CheckBias(const Tensor& bias, int64_t heads, int64_t reach) {
  if (!bias.defined()) return;
  ARCHLAB_CHECK_EQ(bias.shape(), Shape({heads, 2 * reach + 1}))
      << "bias table of attention";
}

void CheckCall(const Call& call) {
  ARCHLAB_CHECK(call.options.mask != nullptr) << "attention needs a mask";
  const AttentionMask& mask = *call.options.mask;
  const Tensor &q = call.q, &k = call.k;
  ARCHLAB_CHECK(q.rank() == 4 && k.rank() == 4) << "[B, T, H, D]";
  ARCHLAB_CHECK_EQ(q.shape(),
                   Shape({mask.batch(), mask.queries(), q.dim(2), q.dim(3)}));
  ARCHLAB_CHECK(k.dim(1) >= mask.keys()) << k.shape();
  ARCHLAB_CHECK_EQ(k.shape(),
                   Shape({mask.batch(), k.dim(1), k.dim(2), q.dim(3)}));
  ARCHLAB_CHECK_EQ(k.shape(), call.v.shape());
  ARCHLAB_CHECK(q.dim(2) % k.dim(2) == 0)
      << k.dim(2) << " key heads for " << q.dim(2) << " heads";
  CheckBias(call.bias, q.dim(2), call.options.reach);
}

// out, and lse [B, H, Tq], wide.
void Forward(const Call& call, Tensor& out, Tensor& lse) {
  const Tensor &q = call.q, &k = call.k, &v = call.v;
  out = EmptyLike(q);
  lse = Tensor::Empty({q.dim(0), q.dim(2), q.dim(1)}, WideDType(q.dtype()));
  if (q.dtype() == DType::kF64) {
    reference::AttentionForward(ArgsOf<double>(call, q, k, v),
                                out.data<double>(), lse.data<double>());
  } else if (q.dtype() == DType::kF32) {
    AttentionForward(ArgsOf<float>(call, q, k, v), out.data<float>(),
                     lse.data<float>());
  } else {
    AttentionForward(ArgsOf<BF16>(call, q, k, v), out.data<BF16>(),
                     lse.data<float>());
  }
}

// T: what q, k and v are made of.
template <class T, class Kernel>
void RunBackward(const Call& call, const Tensor& out, const Tensor& lse,
                 const Tensor& dy, Gradients& gradients, const Kernel& kernel) {
  const Tensor d_out = Cast(dy, out.dtype());
  Tensor dq = EmptyLike(call.q), dk = EmptyLike(call.k), dv = EmptyLike(call.v);
  Tensor d_bias = gradients.Needs(3) ? EmptyLike(call.bias) : Tensor();
  kernel(ArgsOf<T>(call, call.q, call.k, call.v), out.data<T>(),
         lse.data<Wide<T>>(), d_out.data<T>(), dq.data<T>(), dk.data<T>(),
         dv.data<T>(), d_bias.defined() ? d_bias.data<Wide<T>>() : nullptr);
  gradients.Add(0, dq);
  gradients.Add(1, dk);
  gradients.Add(2, dv);
  if (d_bias.defined()) gradients.Add(3, d_bias);
}

// The keys or values that the mask knows.
Tensor Known(const Tensor& x, const AttentionMask& mask) {
  return x.dim(1) == mask.keys() ? x : Slice(x, 1, 0, mask.keys());
}

Tensor Decode(const Call& call) {
  Tensor out = EmptyLike(call.q);
  if (out.dtype() == DType::kF32) {
    AttentionDecode<float>(ArgsOf<float>(call, call.q, call.k, call.v),
                           out.data<float>());
  } else {
    AttentionDecode<BF16>(ArgsOf<BF16>(call, call.q, call.k, call.v),
                          out.data<BF16>());
  }
  return out;
}

}  // namespace

Tensor TiledAttention(const Tensor& q0, const Tensor& k0, const Tensor& v0,
                      const AttentionOptions& options) {
  const DType dtype = Promote(Promote(q0.dtype(), k0.dtype()), v0.dtype());
  const Tensor q = Cast(q0, dtype), k = Cast(k0, dtype), v = Cast(v0, dtype);
  const Tensor bias = options.bias_table.defined()
                          ? Cast(options.bias_table, WideDType(dtype))
                          : Tensor();
  Call call = {q.Detach(), k.Detach(), v.Detach(), options, bias.Detach()};
  call.options.bias_table = Tensor();  // it may be on the tape
  CheckCall(call);
  if (!NeedsGrad({q, k, v, bias}) && dtype != DType::kF64 &&
      options.dropout == 0 && q.dim(1) <= kDecodeQueries) {
    return Decode(call);
  }
  const AttentionMask& mask = *options.mask;
  call.k = Known(call.k, mask), call.v = Known(call.v, mask);
  Tensor out, lse;
  Forward(call, out, lse);
  return Record("TiledAttention", out, {q, k, v, bias},
                [call, out, lse](const Tensor& dy, Gradients& gradients) {
                  if (out.dtype() == DType::kF64) {
                    RunBackward<double>(call, out, lse, dy, gradients,
                                        reference::AttentionBackward<double>);
                  } else if (out.dtype() == DType::kF32) {
                    RunBackward<float>(call, out, lse, dy, gradients,
                                       AttentionBackward<float>);
                  } else {
                    RunBackward<BF16>(call, out, lse, dy, gradients,
                                      AttentionBackward<BF16>);
                  }
                });
}

namespace {

// The gradient of scaled, biased scores through dropout and softmax.
Tensor ScoreGradient(const Tensor& probabilities, const Tensor& dy,
                     const AttentionOptions& options) {
  const Tensor dp = Dropout(dy, options.dropout, options.random);
  Tensor ds = EmptyLike(probabilities);
  const int64_t keys = ds.dim(-1), rows = ds.size() / keys;
  Dispatch(ds.dtype(), [&](auto t) {
    using T = decltype(t);
    SoftmaxBackward<T>(probabilities.data<T>(), dp.data<T>(), ds.data<T>(),
                       rows, keys);
  });
  return ds;
}

Tensor TableGradient(const Tensor& ds, const AttentionOptions& options) {
  const int64_t heads = ds.dim(1);
  Tensor d_bias = Tensor::Empty({heads, 2 * options.reach + 1}, ds.dtype());
  if (ds.dtype() == DType::kF64) {
    BiasTableGradient(*options.mask, heads, options.reach, ds.data<double>(),
                      d_bias.data<double>());
  } else {
    BiasTableGradient(*options.mask, heads, options.reach, ds.data<float>(),
                      d_bias.data<float>());
  }
  return d_bias;
}

}  // namespace

Tensor MaskedSoftmax(const Tensor& scores0, const AttentionOptions& options0) {
  const DType wide = WideDType(scores0.dtype());
  const Tensor scores = Cast(scores0, wide);
  AttentionOptions options = options0;
  const Tensor bias =
      options.bias_table.defined() ? Cast(options.bias_table, wide) : Tensor();
  options.bias_table = Tensor();  // it may be on the tape
  ARCHLAB_CHECK(options.mask != nullptr) << "attention needs a mask";
  ARCHLAB_CHECK_EQ(scores.shape(),
                   Shape({options.mask->batch(), scores.dim(1),
                          options.mask->queries(), options.mask->keys()}));
  CheckBias(bias, scores.dim(1), options.reach);
  Tensor p = EmptyLike(scores);
  Tensor y = options.dropout > 0 ? EmptyLike(scores) : p;
  if (wide == DType::kF64) {
    reference::MaskedSoftmaxForward(
        ArgsOf<double>(options, bias, scores.dim(1)), scores.data<double>(),
        p.data<double>(), y.data<double>());
  } else {
    MaskedSoftmaxForward(ArgsOf<float>(options, bias, scores.dim(1)),
                         scores.data<float>(), p.data<float>(),
                         y.data<float>());
  }
  y = Record("MaskedSoftmax", y, {scores, bias},
             [p, options](const Tensor& dy, Gradients& out) {
               const Tensor ds = ScoreGradient(p, dy, options);
               if (out.Needs(0)) out.Add(0, Affine(ds, options.scale, 0));
               if (out.Needs(1)) out.Add(1, TableGradient(ds, options));
             });
  return Cast(y, scores0.dtype());
}

Tensor MaskScores(const Tensor& scores, const AttentionMask& mask,
                  double value) {
  ARCHLAB_CHECK_EQ(scores.shape(), Shape({mask.batch(), scores.dim(1),
                                          mask.queries(), mask.keys()}));
  Tensor allowed = Tensor::Empty({mask.batch(), 1, mask.queries(), mask.keys()},
                                 DType::kI32);
  int32_t* at = allowed.data<int32_t>();
  for (int64_t b = 0; b < mask.batch(); ++b) {
    for (int64_t i = 0; i < mask.queries(); ++i) {
      for (int64_t j = 0; j < mask.keys(); ++j) *at++ = mask.Sees(b, i, j);
    }
  }
  return MaskFill(scores, allowed, value);
}

}  // namespace archlab
