// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Matrix products of tiled attention, on the calling thread. P is what is
// multiplied: float through sgemm, BF16 through oneDNN's primitives; sums are
// float. Primitives are made once a shape, so BF16 products run over whole
// tiles, and there is a dozen shapes: what is past the end of an operand must
// be there and be 0.

#ifndef ARCHLAB_KERNELS_ATTENTION_PRODUCTS_H_
#define ARCHLAB_KERNELS_ATTENTION_PRODUCTS_H_

#include <algorithm>
#include <cstdint>

#include "kernels/attention_rows.h"
#include "kernels/types.h"

namespace archlab {

// Whether BF16 heads of this dimension are multiplied as BF16.
bool MultipliesBf16(int64_t dim);

// Some queries against the keys of a piece. Matrices are dense: [rows, dim],
// [keys, dim] and [rows, columns], columns being keys in whole tiles.
struct PieceShape {
  int64_t rows, keys, columns, dim;
};

// Rows that a matrix of P needs for n rows to be multiplied.
template <class P>
int64_t PaddedRows(int64_t n);

// Zeros in the rows that pad n rows of P.
template <class P>
void PadRows(int64_t n, int64_t width, P* x) {
  std::fill(x + n * width, x + PaddedRows<P>(n) * width, P());
}

// packed [n, dim], padded, from rows of T that are `stride` apart.
template <class T, class P>
void PackRows(int64_t n, int64_t dim, const T* x, int64_t stride, P* packed) {
  CopyRows(n, dim, nullptr, x, stride, packed, dim);
  PadRows(n, dim, packed);
}

// scores [rows, columns] = x [rows, dim] keys [keys, dim]^T.
template <class P>
void KeyProducts(const PieceShape& shape, const P* x, const P* keys,
                 float* scores);
// sums [rows, dim] += weights [rows, columns] values [keys, dim].
template <class P>
void AddToRows(const PieceShape& shape, const P* weights, const P* values,
               float* sums);
// sums [keys, dim] += weights [rows, columns]^T x [rows, dim].
template <class P>
void AddToKeys(const PieceShape& shape, const P* weights, const P* x,
               float* sums);

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_PRODUCTS_H_
