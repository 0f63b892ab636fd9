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
  Tensor ids;        // i32 [B, T]
  Tensor positions;  // i32 [B, T]; default: 0 .. T-1 in each row
  Tensor segments;   // i32 [B, T]; -1: padding; default: all real, one document
  Tensor targets;    // i32 [B, T]
  Tensor weights;    // f32 [B, T]; 0: not counted
  int64_t tokens = 0;        // targets with a weight > 0
  int64_t first_sample = 0;  // index of row 0, keys dropout
};

}  // namespace archlab

#endif  // ARCHLAB_BATCH_H_
