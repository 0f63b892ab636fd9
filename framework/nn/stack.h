// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// BlockStack: residual blocks of one width, their order, and the last norm.

#ifndef ARCHLAB_STACK_H_
#define ARCHLAB_STACK_H_

#include <memory>
#include <vector>

#include "archlab/norm.h"
#include "archlab/position.h"
#include "nn/block.h"

namespace archlab {

class BlockStack {
 public:
  // `final_norm` may be null.
  BlockStack(std::unique_ptr<Position> position,
             std::vector<ResidualBlock> blocks,
             std::unique_ptr<Norm> final_norm, double embedding_dropout,
             std::string path);

  // Token embeddings x [B, T, C] -> hidden [B, T, C]. With a cache, x holds
  // the new tokens only, and their positions and segments are in the cache.
  Tensor Forward(const Tensor& x, Pass& pass, KvCache* cache) const;

  const Position& position() const { return *position_; }
  const std::vector<ResidualBlock>& blocks() const { return blocks_; }
  const Norm* final_norm() const { return final_norm_.get(); }

 private:
  std::unique_ptr<Position> position_;
  std::vector<ResidualBlock> blocks_;
  std::unique_ptr<Norm> final_norm_;
  const double embedding_dropout_;
  const std::string path_;
};

}  // namespace archlab

#endif  // ARCHLAB_STACK_H_
