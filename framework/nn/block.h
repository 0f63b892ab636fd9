// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// ResidualBlock: one residual block. Pre-norm (GPT-2) or post-norm
// (arXiv:1706.03762); one after the other, or in parallel (arXiv:2204.02311).

#ifndef ARCHLAB_BLOCK_H_
#define ARCHLAB_BLOCK_H_

#include <memory>

#include "archlab/feed_forward.h"
#include "archlab/norm.h"
#include "nn/multi_head.h"

namespace archlab {

// The parts of a block. `attention` or `feed_forward` may be null, not both.
struct BlockParts {
  std::unique_ptr<MultiHead> attention;
  std::unique_ptr<FeedForward> feed_forward;
  std::unique_ptr<Norm> attention_norm, feed_forward_norm;
  bool post_norm = false;
  bool parallel = false;
  double dropout = 0;
  std::string path;
};

class ResidualBlock {
 public:
  explicit ResidualBlock(BlockParts parts) : parts_(std::move(parts)) {}

  // x [B, T, C] -> [B, T, C]: the residual stream.
  Tensor Forward(const Tensor& x, const Position& position,
                 const KeyFrame& keys, Pass& pass, LayerCache* cache) const;

  const BlockParts& parts() const { return parts_; }

 private:
  // x + f(norm(x)), or norm(x + f(x)).
  template <class Part>
  Tensor Residual(const Tensor& x, const Norm& norm, const Part& part) const;

  BlockParts parts_;
};

}  // namespace archlab

#endif  // ARCHLAB_BLOCK_H_
