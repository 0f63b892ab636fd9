// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// BlockStack: residual blocks of one width, their order, and the last norm.

#ifndef ARCHLAB_STACK_H_
#define ARCHLAB_STACK_H_

#include <memory>
#include <string>
#include <vector>

#include "archlab/norm.h"
#include "archlab/position.h"
#include "nn/block.h"

namespace archlab {

// What a stack is made of. A block may stand in several places (shared
// weights). The norms may be null.
struct StackParts {
  std::unique_ptr<Position> position;
  std::vector<std::shared_ptr<const ResidualBlock>> blocks;
  std::unique_ptr<Norm> embedding_norm, final_norm;
  double embedding_dropout = 0;
  std::string path;
};

class BlockStack {
 public:
  explicit BlockStack(StackParts parts);

  // Embeddings x [B, T, C] -> hidden [B, T, C]. With a cache, x holds the new
  // tokens only, and their positions and segments are in the cache. `memory`:
  // of the encoder, for blocks with cross-attention.
  Tensor Forward(const Tensor& x, Pass& pass, KvCache* cache,
                 const Memory* memory = nullptr) const;

  const Position& position() const { return *parts_.position; }
  const std::vector<std::shared_ptr<const ResidualBlock>>& blocks() const {
    return parts_.blocks;
  }
  const Norm* embedding_norm() const { return parts_.embedding_norm.get(); }
  const Norm* final_norm() const { return parts_.final_norm.get(); }
  // Whether every part can decode step by step.
  bool Cacheable() const;

 private:
  const StackParts parts_;
  std::vector<int> repeats_;  // of each place: earlier places of its block
};

}  // namespace archlab

#endif  // ARCHLAB_STACK_H_
