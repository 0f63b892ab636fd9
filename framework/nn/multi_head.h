// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// MultiHead: the shell around an attention core: projections, grouped heads
// (MHA, MQA arXiv:1911.02150, GQA arXiv:2305.13245), q/k norm
// (arXiv:2302.05442), rotary call, KV cache.

#ifndef ARCHLAB_MULTI_HEAD_H_
#define ARCHLAB_MULTI_HEAD_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "archlab/attention.h"
#include "archlab/norm.h"
#include "archlab/position.h"
#include "nn/attention_call.h"
#include "nn/kv_cache.h"
#include "nn/linear.h"
#include "nn/pass.h"

namespace archlab {

struct MultiHeadOptions {
  bool bias = false;
  double dropout = 0;
  bool position = true;  // rotated, and biased by the position component
};

class MultiHead {
 public:
  // Heads, width and initial values are the context's. The norms may be null.
  MultiHead(const MultiHeadOptions& options, const BuildContext& context,
            std::unique_ptr<Attention> core, std::unique_ptr<Norm> q_norm,
            std::unique_ptr<Norm> k_norm);

  // x [B, T, C] -> [B, T, C]. With a cache, x holds the new tokens only.
  Tensor Forward(const Tensor& x, const Position& position,
                 const KeyFrame& keys, Pass& pass, LayerCache* cache) const;

  // Cross-attention: x [B, Tq, C] sees memory [B, Tk, C] -> [B, Tq, C]. A cache
  // keeps the projected memory after the first call; then `memory` may be
  // undefined.
  Tensor ForwardCross(const Tensor& x, const Tensor& memory,
                      const KeyFrame& keys, Pass& pass,
                      LayerCache* cache) const;

  const Attention& core() const { return *core_; }
  const Surroundings& at() const { return at_; }
  double ProjectionFlopsPerToken() const;

 private:
  // [B, Tq, H D] of the core -> [B, Tq, C].
  Tensor Run(const Tensor& x, const Tensor& q, const Tensor& k, const Tensor& v,
             const KeyFrame& keys, Pass& pass) const;
  // Heads of x [B, T, C]: [B, T, heads, D].
  Tensor Heads(const LinearLayer& projection, const Tensor& x, int64_t heads,
               const Norm* norm) const;

  const Surroundings at_;
  const std::string path_;
  const MultiHeadOptions options_;
  LinearLayer q_, k_, v_, out_;
  std::unique_ptr<Attention> core_;
  std::unique_ptr<Norm> q_norm_, k_norm_;
  std::shared_ptr<TilePattern> rule_;  // the core's Sees, as bits
};

}  // namespace archlab

#endif  // ARCHLAB_MULTI_HEAD_H_
