// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention: from q, k, v to the output; which pairs interact, and how.
//
// The multi-head shell around it (projections, grouped heads, q/k norm, rotary
// call, KV cache) is the framework's. Direction, padding and document borders
// are the framework's too: they are taken out before a component is asked, so
// a rule cannot leak the future.
//
// From the shortest to the longest, an attention
//   1. overrides Sees(query, key): which pairs interact. The host evaluates it
//      once a shape into tiles, so pairs that are masked out cost nothing;
//   2. overrides Attend(input): any computation from q, k, v, using
//      input.MaskedSoftmax(scores) so that no mask is lost.

#ifndef ARCHLAB_ATTENTION_H_
#define ARCHLAB_ATTENTION_H_

#include <cstdint>
#include <memory>

#include "archlab/component.h"
#include "archlab/ops.h"
#include "archlab/plugin.h"

namespace archlab {

// One call of attention in one layer; made by the host.
class AttentionInput {
 public:
  virtual ~AttentionInput() = default;

  virtual const Tensor& q() const = 0;  // [B, H, Tq, D]
  virtual const Tensor& k() const = 0;  // [B, H, Tk, D], grouped heads repeated
  virtual const Tensor& v() const = 0;  // [B, H, Tk, D]
  // What q was projected from, [B, Tq, C].
  virtual const Tensor& x() const = 0;
  double scale() const { return scale_; }  // 1 / sqrt(D)

  // softmax(scale * scores + bias) over the keys that the query may see: its
  // own document, real tokens, the direction, Sees of the component, and the
  // bias of the position component; then dropout. scores, result [B, H, Tq,
  // Tk]. A row that sees nothing is zero.
  virtual Tensor MaskedSoftmax(const Tensor& scores) const = 0;
  // Only the mask: `value` where the query may not see the key.
  virtual Tensor Mask(const Tensor& scores, double value) const = 0;
  // The tiled kernel: softmax(scale q k^T + bias) v with the same mask, never
  // holding [Tq, Tk]. -> [B, H, Tq, D].
  virtual Tensor Tiled() const = 0;
  virtual ForwardContext& context() const = 0;

 protected:
  double scale_ = 1;
};

class Attention : public Component {
 public:
  static constexpr char kKind[] = "attention";
  static constexpr int kInterfaceRevision = 1;

  // Whether the query at position `query` interacts with the key at position
  // `key`. Asked only for pairs that direction, padding and documents allow
  // (causal: key <= query). Positions count from the document's first real
  // token. Must be constant for the life of the component, and must allow a
  // position to see itself in self-attention. Not asked in cross-attention.
  virtual bool Sees(int64_t /*query*/, int64_t /*key*/) const { return true; }

  // Largest query - key for which Sees may be true; -1: unbounded. Lets the
  // cache of a causal stack forget what lies further back.
  virtual int64_t MaxDistance() const { return -1; }

  // -> [B, H, Tq, D]. Not overridden (undefined), the tiled kernel runs, and no
  // [Tq, Tk] matrix is ever held.
  virtual Tensor Attend(const AttentionInput& /*input*/) const {
    return Tensor();
  }
};

}  // namespace archlab

#endif  // ARCHLAB_ATTENTION_H_
