// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// KvCache: what has been seen of the sequences that are being generated. Keys
// are kept as they meet the scores: normed and rotated.

#ifndef ARCHLAB_KV_CACHE_H_
#define ARCHLAB_KV_CACHE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "archlab/mixer.h"
#include "archlab/tensor.h"

namespace archlab {

// Keys and values of one layer, [B, capacity, Hkv, D]; the first `tokens` of
// each row are valid.
class LayerCache {
 public:
  // Appends k, v [B, T, Hkv, D]; capacity doubles when it is used up.
  void Append(const Tensor& k, const Tensor& v);
  // All keys and values so far, [B, tokens or more, Hkv, D]: for more than one
  // row the whole buffer, so that no step copies it.
  Tensor keys() const { return View(keys_); }
  Tensor values() const { return View(values_); }
  int64_t bytes() const;
  // Row i becomes what row rows[i] is.
  void Gather(absl::Span<const int32_t> rows);

  // Of cross-attention, [B, Tk, Hkv, D]: the same at every step.
  Tensor cross_keys, cross_values;
  std::unique_ptr<MixerState> mixer;  // of a block with a mixer

 private:
  Tensor View(const Tensor& buffer) const;
  Tensor keys_, values_;
  int64_t tokens_ = 0;
};

// The cache of a stack.
struct KvCache {
  std::vector<LayerCache> layers;
  // Positions and segments of all tokens so far, [B][tokens].
  std::vector<std::vector<int32_t>> positions, segments;
  std::vector<int32_t> real_tokens;  // a row's, without padding
  bool plain = true;  // no padding so far: key j stands at position j

  KvCache(int64_t batch, int64_t layer_count)
      : layers(layer_count),
        positions(batch),
        segments(batch),
        real_tokens(batch) {}
  int64_t tokens() const { return static_cast<int64_t>(positions[0].size()); }
  int64_t bytes() const;
  void Gather(absl::Span<const int32_t> rows);
};

}  // namespace archlab

#endif  // ARCHLAB_KV_CACHE_H_
