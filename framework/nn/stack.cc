// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/stack.h"

#include <utility>

#include "archlab/ops.h"

namespace archlab {

BlockStack::BlockStack(std::unique_ptr<Position> position,
                       std::vector<ResidualBlock> blocks,
                       std::unique_ptr<Norm> final_norm,
                       double embedding_dropout, std::string path)
    : position_(std::move(position)),
      blocks_(std::move(blocks)),
      final_norm_(std::move(final_norm)),
      embedding_dropout_(embedding_dropout),
      path_(std::move(path)) {}

Tensor BlockStack::Forward(const Tensor& x, Pass& pass, KvCache* cache) const {
  Tensor h = position_->Embed(x, pass.positions());  // [B, T, C]
  h = pass.Dropout(h, embedding_dropout_, path_ + ".embedding.dropout");
  const KeyFrame keys = cache ? KeyFrame::Cached(pass, *cache, *position_)
                              : KeyFrame::Whole(pass, *position_);
  for (size_t i = 0; i < blocks_.size(); ++i)
    h = blocks_[i].Forward(h, *position_, keys, pass,
                           cache ? &cache->layers[i] : nullptr);  // [B, T, C]
  return final_norm_ ? final_norm_->Forward(h) : h;               // [B, T, C]
}

}  // namespace archlab
