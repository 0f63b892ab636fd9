// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// AttentionCall: one call of attention in one layer, as a core sees it; and
// what all layers of a pass share about the keys.

#ifndef ARCHLAB_ATTENTION_CALL_H_
#define ARCHLAB_ATTENTION_CALL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "archlab/attention.h"
#include "archlab/position.h"
#include "autograd/attention.h"
#include "nn/kv_cache.h"
#include "nn/pass.h"

namespace archlab {

// Who may be seen in this pass: positions and segments of queries and keys, and
// the bias that the position component adds to the scores.
struct KeyFrame {
  Tensor query_positions, query_segments;  // i32 [B, Tq], or undefined
  Tensor key_positions, key_segments;      // i32 [B, Tk], or undefined
  Tensor prefix;        // i32 [B], or undefined, see PassTokens
  int64_t reach = 0;    // largest distance between two positions
  int64_t tokens = -1;  // Tk of keys with room behind them; -1: all there are
  Tensor bias;          // [H, 2 reach + 1], or undefined

  // The keys are the queries' own sequence.
  static KeyFrame Whole(const Pass& pass, const Position& position);
  // The keys are all tokens of the cache, of which the queries are the last.
  static KeyFrame Cached(const Pass& pass, const KvCache& cache,
                         const Position& position);
  // The keys are the tokens of another sequence: only its padding is hidden.
  // segments i32 [B, Tk], or undefined: all are real.
  static KeyFrame Cross(const Pass& queries, const Tensor& segments);

  // Without the bias: a layer that has no order.
  KeyFrame WithoutBias() const;
  // What the frame allows, in the given direction; `rule` may be null.
  AttentionPattern Pattern(bool causal,
                           std::shared_ptr<TilePattern> rule) const;
};

class AttentionCall final : public AttentionInput {
 public:
  // q [B, Tq, H, D], projected from x [B, Tq, C]; k and v [B, Tk, Hkv, D], or
  // more tokens where keys.tokens says how many there are.
  AttentionCall(Tensor x, Tensor q, Tensor k, Tensor v, const Attention& core,
                std::shared_ptr<TilePattern> rule, const Surroundings& at,
                const KeyFrame& keys, Pass& pass, double dropout,
                const std::string& path);

  const Tensor& q() const override;
  const Tensor& k() const override;
  const Tensor& v() const override;
  const Tensor& x() const override { return x_; }
  Tensor MaskedSoftmax(const Tensor& scores) const override;
  Tensor Mask(const Tensor& scores, double value) const override;
  Tensor Tiled() const override;
  ForwardContext& context() const override { return context_; }

  // Runs the core: [B, Tq, H D]. Shows its weights to whoever watches the pass.
  Tensor Run() const;

 private:
  // The same call with other values, in f32 where it is in bf16.
  AttentionCall(const AttentionCall& call, Tensor v, ForwardContext& context);

  // What the core makes of the values: [B, Tq, H, D].
  Tensor Attend() const;
  // f32 [B, H, Tq, Tk], or undefined; y [B, Tq, H, D]: the output.
  Tensor Weights(const Tensor& y) const;
  // [B, T, Hkv, D] -> [B, H, T, D], grouped heads repeated.
  Tensor HeadsFirst(const Tensor& x) const;
  // The keys or values that the mask knows.
  Tensor Known(const Tensor& x) const;

  const Tensor x_, q_, k_, v_;
  const Attention& core_;
  ForwardContext& context_;
  const Pass* const watched_;  // null: nobody watches
  const std::string path_;     // where somebody does
  const int64_t heads_;
  AttentionOptions options_;
  mutable Tensor q_heads_, k_heads_, v_heads_;  // made when asked for
};

}  // namespace archlab

#endif  // ARCHLAB_ATTENTION_CALL_H_
