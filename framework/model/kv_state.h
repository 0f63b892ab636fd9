// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// KvState: the caches of a stack that decodes.

#ifndef ARCHLAB_KV_STATE_H_
#define ARCHLAB_KV_STATE_H_

#include "model/model.h"
#include "nn/block.h"
#include "nn/kv_cache.h"

namespace archlab {

class KvState final : public DecodeState {
 public:
  KvState(int64_t batch, int64_t layers) : cache(batch, layers) {}
  int64_t tokens() const override { return cache.tokens(); }
  int64_t bytes() const override { return cache.bytes(); }
  void Gather(absl::Span<const int32_t> rows) override;

  // Appends new tokens i32 [B, T]; segments i32 [B, T] or undefined. Returns
  // their positions i32 [B, T]: a row's position counts its real tokens.
  Tensor Append(const Tensor& ids, const Tensor& segments);

  KvCache cache;
  Memory memory;  // of the encoder, where there is one
};

}  // namespace archlab

#endif  // ARCHLAB_KV_STATE_H_
