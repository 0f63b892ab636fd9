// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The work of attention between its matrix products, a row at a time, in SIMD
// for the machine it runs on. Rows have tiles of 64 columns, each with a word
// of bits that says which columns count; the others cost nothing and become 0.
// The matrices have 64 * tiles columns, `stride` floats apart.

#ifndef ARCHLAB_KERNELS_ATTENTION_ROWS_H_
#define ARCHLAB_KERNELS_ATTENTION_ROWS_H_

#include <cstdint>

#include "archlab/tensor.h"

namespace archlab {

struct MaskedRows {
  int64_t rows, tiles, stride;
  const uint64_t* bits;  // [rows, tiles]
};

// scores -> exp(scores - max of the row). lse: log of the sum of exp(scores);
// inverse_sum: 1 / sum of the results. A row that sees nothing becomes zeros,
// with lse +inf and inverse_sum 0.
void SoftmaxRows(const MaskedRows& shape, float* scores, float* lse,
                 float* inverse_sum);

// The gradient through softmax and dropout. `scores` and d_probabilities (that
// of the dropped probabilities) go in; the dropped probabilities P * factor and
// the gradient of the scores P * (d_probabilities * factor - delta) come out.
// delta: [rows], output times its gradient, summed. factors: what dropout
// multiplies with, laid out like the scores; null: no dropout.
void SoftmaxGradientRows(const MaskedRows& shape, const float* factors,
                         const float* lse, const float* delta, float* scores,
                         float* d_probabilities);

// y[r, :] *= factors[r], for rows of n floats `stride` apart.
void ScaleRows(int64_t rows, int64_t n, int64_t stride, const float* factors,
               float* y);
// out[r] = a[r, :] . b[r, :].
void DotRows(int64_t rows, int64_t n, int64_t stride, const float* a,
             const float* b, float* out);
// y += x.
void AddRow(int64_t n, const float* x, float* y);

// For a few queries, where a matrix product would be mostly set-up:
// out[k] = scale * q . keys[k, :] for n keys of `dim` elements, `stride` apart.
void KeyDots(int64_t n, int64_t dim, int64_t stride, const float* q,
             const float* keys, float scale, float* out);
void KeyDots(int64_t n, int64_t dim, int64_t stride, const float* q,
             const BF16* keys, float scale, float* out);
// out[:] += weights[k] * values[k, :].
void AddValues(int64_t n, int64_t dim, int64_t stride, const float* weights,
               const float* values, float* out);
void AddValues(int64_t n, int64_t dim, int64_t stride, const float* weights,
               const BF16* values, float* out);

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_ROWS_H_
