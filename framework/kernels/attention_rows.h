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
#include "kernels/attention_strip.h"

namespace archlab {

struct MaskedRows {
  int64_t rows, tiles, stride;
  const uint64_t* bits;  // [rows, tiles]
};
inline MaskedRows RowsOf(const Strip& strip) {
  return {strip.rows, int64_t(strip.tiles.size()), strip.stride(),
          strip.bits.data()};
}

// scores -> exp(scale * scores - max of the row). lse: log of the sum of
// exp(scale * scores); inverse_sum: 1 / sum of the results. A row that sees
// nothing becomes zeros, with lse +inf and inverse_sum 0.
void SoftmaxRows(const MaskedRows& shape, float scale, float* scores,
                 float* lse, float* inverse_sum);

// The same for rows that come in pieces, P being float (then in place, if
// `exponentials` is `scores`) or BF16. top and sum [rows] are the running
// maximum of scale * scores and the sum of the exponentials, -inf and 0 before
// the first piece; rescale [rows]: what results of earlier pieces are to be
// multiplied with. Returns whether a factor that matters is not 1. factors:
// what dropout multiplies the stored exponentials with, laid out like the
// scores; null: no dropout.
template <class P>
bool SoftmaxPiece(const MaskedRows& shape, float scale, const float* factors,
                  const float* scores, P* exponentials, float* top, float* sum,
                  float* rescale);
// After the last piece: top becomes lse, and sum inverse_sum.
void FinishSoftmax(int64_t rows, float* top, float* sum);

// The gradient through softmax and dropout, P as above. `scores` and
// d_probabilities (that of the dropped probabilities) go in; the dropped
// probabilities P * factor, P = exp(scale * score - lse), and the gradient of
// the scaled scores P * (d_probabilities * factor - delta) come out.
// delta: [rows], output times its gradient, summed. factors: as above.
template <class P>
void SoftmaxGradientRows(const MaskedRows& shape, float scale,
                         const float* factors, const float* lse,
                         const float* delta, const float* scores,
                         const float* d_probabilities, P* dropped, P* d_scores);

// y[r, :] *= factors[r], for rows of n floats `stride` apart.
void ScaleRows(int64_t rows, int64_t n, int64_t stride, const float* factors,
               float* y);
// y[r, :] = x[r, :] * (factors ? factors[r] : 1). A and B are float or BF16.
template <class A, class B>
void CopyRows(int64_t rows, int64_t n, const float* factors, const A* x,
              int64_t x_stride, B* y, int64_t y_stride);
// out[r] = a[r, :] . b[r, :]. T is float or BF16.
template <class T>
void DotRows(int64_t rows, int64_t n, int64_t stride, const T* a, const T* b,
             float* out);
// y += x. T is float or BF16.
template <class T>
void AddRow(int64_t n, const T* x, float* y);

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
