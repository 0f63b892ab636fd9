// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// ResidualBlock: one residual block: a sequence part, cross-attention in
// decoders that have an encoder, a position-wise part. Pre-norm (GPT-2),
// post-norm (arXiv:1706.03762) or both (arXiv:2105.13290); one after the other,
// or in parallel (arXiv:2204.02311).

#ifndef ARCHLAB_BLOCK_H_
#define ARCHLAB_BLOCK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
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
  explicit ResidualBlock(BlockParts parts);
  ResidualBlock(const ResidualBlock&) = delete;  // steps_ points into parts_
  ResidualBlock& operator=(const ResidualBlock&) = delete;

  // x [B, T, C] -> [B, T, C]: the residual stream.
  Tensor Forward(const Tensor& x, const StackPass& stack,
                 LayerCache* cache) const;

  const BlockParts& parts() const { return parts_; }

 private:
  // f of one part: x [B, T, C] -> [B, T, C].
  using Function = Tensor (ResidualBlock::*)(const Tensor&, const StackPass&,
                                             LayerCache*) const;
  struct Part {
    const char* name;
    const PartNorms* norms;
    Function run;
    std::string path;
  };
  using Inner = absl::FunctionRef<Tensor(const Tensor&)>;

  void AddPart(const char* name, const PartNorms& norms, Function run);
  Tensor Attend(const Tensor& h, const StackPass& stack,
                LayerCache* cache) const;
  Tensor Mix(const Tensor& h, const StackPass& stack, LayerCache* cache) const;
  Tensor AttendAcross(const Tensor& h, const StackPass& stack,
                      LayerCache* cache) const;
  Tensor FeedOn(const Tensor& h, const StackPass& stack,
                LayerCache* cache) const;

  // dropout(f(x)) of one part.
  Tensor Run(const Part& part, const Tensor& x, const StackPass& stack,
             LayerCache* cache) const;
  // x + f(norm(x)), norm(x + f(x)), or x + norm(f(norm(x))), with the norms of
  // `part`.
  Tensor Residual(const Tensor& x, const Part& part, Pass& pass, Inner f) const;

  const BlockParts parts_;
  std::vector<Part> steps_;  // in the order in which they run
};

}  // namespace archlab

#endif  // ARCHLAB_BLOCK_H_
