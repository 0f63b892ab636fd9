// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Score biases that depend on query - key: a table [heads, 2 reach + 1] whose
// entry [h, reach + d] is for query - key = d. Kernels use the rows backwards,
// so that rising keys are rising addresses.

#ifndef ARCHLAB_KERNELS_ATTENTION_BIAS_H_
#define ARCHLAB_KERNELS_ATTENTION_BIAS_H_

#include <cstdint>

#include "kernels/attention_strip.h"

namespace archlab {

// The rows of a table [heads, width], each back to front.
void ReverseRows(const float* table, int64_t heads, int64_t width,
                 float* reversed);

// Adds a head's biases to the scores of a strip; `row`: its reversed row.
// Pairs further apart than `reach` must be masked out.
void AddBias(const AttentionMask& mask, int64_t b, const Strip& strip,
             const float* row, int64_t reach, float* scores);

// Adds the gradient of a strip's scores (0 where masked) to that of the row. P
// is float or BF16.
template <class P>
void AddBiasGradient(const AttentionMask& mask, int64_t b, const Strip& strip,
                     const P* d_scores, int64_t reach, float* d_row);

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_BIAS_H_
