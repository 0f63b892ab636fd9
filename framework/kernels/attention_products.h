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
#include <type_traits>

#include "kernels/attention_rows.h"
#include "kernels/types.h"

namespace archlab {

// Whether BF16 heads of this dimension are multiplied as BF16.
bool MultipliesBf16(int64_t dim);

// Some queries against the keys of a piece. Scores and weights are dense,
// [rows, columns], columns being keys in whole tiles; sums are dense too.
struct PieceShape {
  int64_t rows, keys, columns, dim;
};

// Rows of a head, [n, dim], `stride` apart.
template <class P>
struct HeadRows {
  const P* data;
  int64_t stride;
  HeadRows From(int64_t row) const { return {data + row * stride, stride}; }
};

// Rows that a matrix of P needs for n rows to be multiplied.
template <class P>
int64_t PaddedRows(int64_t n);

// Zeros in the rows that pad n rows of P.
template <class P>
void PadRows(int64_t n, int64_t width, P* x) {
  std::fill(x + n * width, x + PaddedRows<P>(n) * width, P());
}

// Whether rows of T are packed to be multiplied as P: sgemm takes them as they
// lie.
template <class T, class P>
constexpr bool kIsPacked =
    !(std::is_same_v<T, float> && std::is_same_v<P, float>);

// n rows of T that are `stride` apart, to be multiplied as P; `packed` has
// memory for PaddedRows(n) if they are packed.
template <class T, class P>
HeadRows<P> RowsToMultiply(int64_t n, int64_t dim, const T* x, int64_t stride,
                           P* packed) {
  if constexpr (kIsPacked<T, P>) {
    CopyRows(n, dim, nullptr, x, stride, packed, dim);
    PadRows(n, dim, packed);
    return {packed, dim};
  } else {
    return {x, stride};
  }
}

// scores [rows, columns] = x [rows, dim] keys [keys, dim]^T.
template <class P>
void KeyProducts(const PieceShape& shape, HeadRows<P> x, HeadRows<P> keys,
                 float* scores);
// sums [rows, dim] += weights [rows, columns] values [keys, dim].
template <class P>
void AddToRows(const PieceShape& shape, const P* weights, HeadRows<P> values,
               float* sums);
// sums [keys, dim] += weights [rows, columns]^T x [rows, dim].
template <class P>
void AddToKeys(const PieceShape& shape, const P* weights, HeadRows<P> x,
               float* sums);

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_PRODUCTS_H_
