// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What the forward and the backward pass of tiled attention share: where a head
// lies in memory, strips and their order, bias and dropout of a piece.

#ifndef ARCHLAB_KERNELS_ATTENTION_CONTEXT_H_
#define ARCHLAB_KERNELS_ATTENTION_CONTEXT_H_

#include <algorithm>
#include <cstdint>

#include "kernels/attention.h"
#include "kernels/attention_strip.h"
#include "kernels/scratch.h"

namespace archlab {

class AttentionContext {
 public:
  explicit AttentionContext(const AttentionSettings& settings);

  const AttentionMask& mask() const { return *settings.mask; }
  // Queries of a strip: one tile or two. Depends on the mask alone.
  int64_t strip_rows() const { return strip_rows_; }
  int64_t strips() const {
    return (mask().queries() + strip_rows_ - 1) / strip_rows_;
  }
  int64_t StripRowsAt(int64_t begin) const {
    return std::min(strip_rows_, mask().queries() - begin);
  }

  // Distance between a head's rows, and the element where row `t` of head `h`
  // (of the queries, or of the keys) starts.
  int64_t query_stride() const { return settings.heads * settings.dim; }
  int64_t key_stride() const { return settings.kv_heads * settings.dim; }
  int64_t QueryAt(int64_t b, int64_t t, int64_t h) const {
    return ((b * mask().queries() + t) * settings.heads + h) * settings.dim;
  }
  int64_t KeyAt(int64_t b, int64_t t, int64_t h) const {
    return ((b * mask().keys() + t) * settings.kv_heads + h) * settings.dim;
  }
  // Where [B, heads, Tq] has query t.
  int64_t RowAt(int64_t b, int64_t t, int64_t h) const {
    return (b * settings.heads + h) * mask().queries() + t;
  }

  // Scales scores and adds the bias, if there is one; returns the scale that is
  // left for softmax.
  float AddBiasTo(int64_t b, int64_t h, const Strip& strip,
                  float* scores) const;
  // What dropout multiplies probabilities with; only seen tiles are written.
  void DropoutFactors(int64_t b, int64_t h, const Strip& strip,
                      float* factors) const;

  const AttentionSettings settings;

 private:
  const int64_t bias_width_;   // 0: no bias
  const Scratch<float> bias_;  // reversed rows
  const int64_t strip_rows_;
};

// Strip i of n in an order that puts long and short ones side by side, so that
// equal shares of a causal row cost the same.
inline int64_t BalancedStrip(int64_t i, int64_t n) {
  return i % 2 == 0 ? i / 2 : n - 1 - i / 2;
}

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_CONTEXT_H_
