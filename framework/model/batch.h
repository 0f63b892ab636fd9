// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Batch: what a model reads.

#ifndef ARCHLAB_BATCH_H_
#define ARCHLAB_BATCH_H_

#include <cstdint>

#include "archlab/tensor.h"

namespace archlab {

// Rows of samples, padded to the longest. Undefined tensors mean the default.
struct Batch {
  Tensor ids;          // i32 [B, T]; of the encoder where there is one
  Tensor patches;      // f32 [B, T, P]: images, instead of ids
  Tensor token_types;  // i32 [B, T]; default: all 0
  Tensor positions;    // i32 [B, T]; default: 0 .. T-1 in each row
  Tensor segments;  // i32 [B, T]; -1: padding; default: all real, one document
  Tensor prefix;    // i32 [B]: leading tokens that see each other; default: 0
  Tensor decoder_ids;       // i32 [B, T2], with an encoder and a decoder
  Tensor decoder_segments;  // i32 [B, T2]; -1: padding
  Tensor targets;      // i32 [B, T], [B, T2] with a decoder, [B] for classes
  Tensor weights;      // f32, as targets; 0: not counted
  int64_t tokens = 0;  // targets with a weight > 0
  int64_t first_sample = 0;  // index of row 0, keys dropout
};

}  // namespace archlab

#endif  // ARCHLAB_BATCH_H_
