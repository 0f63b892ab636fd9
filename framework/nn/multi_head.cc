// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/multi_head.h"

#include <utility>

#include "archlab/check.h"
#include "archlab/ops.h"

namespace archlab {

MultiHead::MultiHead(const MultiHeadOptions& options,
                     const BuildContext& context,
                     std::unique_ptr<Attention> core,
                     std::unique_ptr<Norm> q_norm, std::unique_ptr<Norm> k_norm)
    : at_(context.at()),
      path_(context.path()),
      options_(options),
      core_(std::move(core)),
      q_norm_(std::move(q_norm)),
      k_norm_(std::move(k_norm)) {
  const int64_t q_width = at_.heads * at_.head_dim;
  const int64_t kv_width = at_.kv_heads * at_.head_dim;
  const double std = at_.init_std;
  q_ = LinearLayer(context, "q", at_.width, q_width, options.bias, std);
  k_ = LinearLayer(context, "k", at_.width, kv_width, options.bias, std);
  v_ = LinearLayer(context, "v", at_.width, kv_width, options.bias, std);
  out_ = LinearLayer(context, "out", q_width, at_.width, options.bias,
                     at_.residual_init_std);
  rule_ = std::make_shared<TilePattern>(
      [core = core_.get()](int64_t query, int64_t key) {
        return core->Sees(query, key);
      },
      at_.causal, core_->MaxDistance());
}

Tensor MultiHead::Heads(const LinearLayer& projection, const Tensor& x,
                        int64_t heads, const Norm* norm) const {
  Tensor y = Reshape(projection.Forward(x),
                     {x.dim(0), x.dim(1), heads, at_.head_dim});  // [B,T,H,D]
  return norm ? norm->Forward(y) : y;
}

Tensor MultiHead::Forward(const Tensor& x, const Position& position,
                          const KeyFrame& keys, Pass& pass,
                          LayerCache* cache) const {
  const ModuleScope scope(path_);
  Tensor q = Heads(q_, x, at_.heads, q_norm_.get());     // [B, Tq, H, D]
  Tensor k = Heads(k_, x, at_.kv_heads, k_norm_.get());  // [B, Tq, Hkv, D]
  Tensor v = Heads(v_, x, at_.kv_heads, nullptr);        // [B, Tq, Hkv, D]
  if (options_.position) {
    q = position.Rotate(q, pass.positions());
    k = position.Rotate(k, pass.positions());
  }
  if (cache) {
    cache->Append(k, v);
    k = cache->keys();    // [B, Tk, Hkv, D]
    v = cache->values();  // [B, Tk, Hkv, D]
  }
  return Run(x, q, k, v, options_.position ? keys : keys.WithoutBias(), pass);
}

Tensor MultiHead::ForwardCross(const Tensor& x, const Tensor& memory,
                               const KeyFrame& keys, Pass& pass,
                               LayerCache* cache) const {
  const ModuleScope scope(path_);
  const Tensor q = Heads(q_, x, at_.heads, q_norm_.get());  // [B, Tq, H, D]
  Tensor k, v;
  if (cache != nullptr && cache->cross_keys.defined()) {
    k = cache->cross_keys;
    v = cache->cross_values;
  } else {
    k = Heads(k_, memory, at_.kv_heads, k_norm_.get());  // [B, Tk, Hkv, D]
    v = Heads(v_, memory, at_.kv_heads, nullptr);        // [B, Tk, Hkv, D]
    if (cache != nullptr) {
      cache->cross_keys = k;
      cache->cross_values = v;
    }
  }
  return Run(x, q, k, v, keys, pass);
}

Tensor MultiHead::Run(const Tensor& x, const Tensor& q, const Tensor& k,
                      const Tensor& v, const KeyFrame& keys, Pass& pass) const {
  const AttentionCall call(x, q, k, v, *core_, rule_, at_, keys, pass,
                           options_.dropout, path_);
  return out_.Forward(call.Run());  // [B, Tq, C]
}

double MultiHead::ProjectionFlopsPerToken() const {
  return q_.FlopsPerToken() + k_.FlopsPerToken() + v_.FlopsPerToken() +
         out_.FlopsPerToken();
}

}  // namespace archlab
