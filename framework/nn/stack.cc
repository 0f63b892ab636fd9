// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/stack.h"

#include <algorithm>
#include <utility>

#include "archlab/ops.h"

namespace archlab {

BlockStack::BlockStack(StackParts parts) : parts_(std::move(parts)) {
  const auto& blocks = parts_.blocks;
  for (auto at = blocks.begin(); at != blocks.end(); ++at)
    repeats_.push_back(static_cast<int>(std::count(blocks.begin(), at, *at)));
}

Tensor BlockStack::Forward(const Tensor& x, Pass& pass, KvCache* cache,
                           const Memory* memory) const {
  const Position& position = *parts_.position;
  Tensor h = position.Embed(x, pass.positions());  // [B, T, C]
  if (parts_.embedding_norm) h = parts_.embedding_norm->Forward(h);
  h = pass.Dropout(h, parts_.embedding_dropout, parts_.path,
                   ".embedding.dropout");
  pass.TapAt(parts_.path, ".embedding", h);
  const KeyFrame keys = cache ? KeyFrame::Cached(pass, *cache, position)
                              : KeyFrame::Whole(pass, position);
  const KeyFrame cross =
      memory ? KeyFrame::Cross(pass, memory->segments) : KeyFrame();
  const StackPass stack = {position, keys, cross, memory, pass};
  for (size_t i = 0; i < parts_.blocks.size(); ++i) {
    const ResidualBlock& block = *parts_.blocks[i];
    pass.SetRepeat(repeats_[i]);
    h = block.Forward(h, stack,
                      cache ? &cache->layers[i] : nullptr);  // [B, T, C]
    pass.TapAt(block.parts().path, "", h);
  }
  pass.SetRepeat(0);
  if (!parts_.final_norm) return h;
  h = parts_.final_norm->Forward(h);  // [B, T, C]
  pass.TapAt(parts_.path, ".final_norm", h);
  return h;
}

bool BlockStack::Cacheable() const {
  for (const auto& block : parts_.blocks)
    if (block->parts().mixer &&
        block->parts().mixer->mixer().NewState(1) == nullptr)
      return false;
  return true;
}

}  // namespace archlab
