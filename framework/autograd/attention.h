// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention as operations on the tape; for nn/, which gives components an
// AttentionInput made of them.

#ifndef ARCHLAB_AUTOGRAD_ATTENTION_H_
#define ARCHLAB_AUTOGRAD_ATTENTION_H_

#include <cstdint>
#include <memory>

#include "archlab/random.h"
#include "archlab/tensor.h"
#include "kernels/attention_mask.h"

namespace archlab {

struct AttentionOptions {
  double scale = 1;  // of the scores
  // Which pairs interact; made once a forward pass, shared by layers. Required.
  std::shared_ptr<const AttentionMask> mask;
  // [H, 2 reach + 1] or undefined: entry [h, reach + d] is added to the scaled
  // score where query position - key position = d. No allowed pair is further
  // apart than `reach`. Gets a gradient.
  Tensor bias_table;
  int64_t reach = 0;
  // Of probabilities; element i of [B, H, Tq, Tk] uses word
  // random.position() + i.
  double dropout = 0;
  Random random = Random(0, 0, 0);
};

// softmax(scale q k^T + bias) v without a [Tq, Tk] matrix in memory. q
// [B, Tq, H, D], k and v [B, Tk, Hkv, D] of one dtype, Hkv divides H ->
// [B, Tq, H, D]. A query that sees nothing gives zeros. Off the tape k and v
// may have more tokens than the mask: a cache with room, which is not read.
Tensor TiledAttention(const Tensor& q, const Tensor& k, const Tensor& v,
                      const AttentionOptions& options);

// softmax(scale scores + bias) over the allowed keys, then dropout:
// [B, H, Tq, Tk] -> the same.
Tensor MaskedSoftmax(const Tensor& scores, const AttentionOptions& options);

// `value` where the pair is not allowed: [B, H, Tq, Tk] -> the same. No
// gradient reaches those.
Tensor MaskScores(const Tensor& scores, const AttentionMask& mask,
                  double value);

}  // namespace archlab

#endif  // ARCHLAB_AUTOGRAD_ATTENTION_H_
