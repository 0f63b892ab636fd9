// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// ResidualBlock: one residual block: a sequence part, cross-attention in
// decoders that have an encoder, a position-wise part. Pre-norm (GPT-2),
// post-norm (arXiv:1706.03762) or both (arXiv:2105.13290); one after the other,
// or in parallel (arXiv:2204.02311).

#ifndef ARCHLAB_BLOCK_H_
#define ARCHLAB_BLOCK_H_

#include <functional>
#include <memory>
#include <string>

#include "archlab/feed_forward.h"
#include "archlab/norm.h"
#include "nn/mixer_layer.h"
#include "nn/multi_head.h"

namespace archlab {

enum class NormPlace { kPre, kPost, kSandwich };

// The norms of one part; `out` is for sandwiches only.
struct PartNorms {
  std::unique_ptr<Norm> norm, out;
};

// The parts of a block; any may be null, not all. In parallel all share the
// norms of the first.
struct BlockParts {
  std::unique_ptr<MultiHead> attention;
  std::unique_ptr<MixerLayer> mixer;  // instead of attention
  std::unique_ptr<MultiHead> cross;
  std::unique_ptr<FeedForward> feed_forward;
  PartNorms sequence_norms, cross_norms, feed_forward_norms;
  NormPlace norm_place = NormPlace::kPre;
  bool parallel = false;
  double dropout = 0;
  std::string path;
};

// What an encoder hands to the decoder's blocks.
struct Memory {
  Tensor hidden;    // [B, Tk, C]; undefined where the caches have its keys
  Tensor segments;  // i32 [B, Tk]: -1 is padding; undefined: all real
};

// What all blocks of a stack share in one pass.
struct StackPass {
  const Position& position;
  const KeyFrame& keys;
  const KeyFrame& cross_keys;
  const Memory* memory;  // null without cross-attention
  Pass& pass;
};

class ResidualBlock {
 public:
  explicit ResidualBlock(BlockParts parts) : parts_(std::move(parts)) {}

  // x [B, T, C] -> [B, T, C]: the residual stream.
  Tensor Forward(const Tensor& x, const StackPass& stack,
                 LayerCache* cache) const;

  const BlockParts& parts() const { return parts_; }

 private:
  using Part = std::function<Tensor(const Tensor&)>;
  // x + f(norm(x)), norm(x + f(x)), or x + norm(f(norm(x))); `name`: the part's
  // path.
  Tensor Residual(const Tensor& x, const PartNorms& norms,
                  const std::string& name, Pass& pass, const Part& part) const;

  BlockParts parts_;
};

}  // namespace archlab

#endif  // ARCHLAB_BLOCK_H_
