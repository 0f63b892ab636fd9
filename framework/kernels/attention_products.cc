// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/attention_products.h"

#include <type_traits>

#include "kernels/attention_mask.h"
#include "kernels/matmul.h"
#include "kernels/onednn.h"

namespace archlab {
namespace {

// c = op(a) op(b) (+ c).
template <class P>
void Product(const MatMulShape& shape, const P* a, const P* b, bool accumulate,
             float* c) {
  if constexpr (std::is_same_v<P, float>) {
    Sgemm(shape, 1, a, b, accumulate ? 1 : 0, c);
  } else {
    const OneThread alone;  // a single task is not in a parallel region
    const Bf16Product product = {shape, DType::kF32, accumulate, false};
    if (CanRunBf16Product(product) &&
        RunBf16Product(product, a, b, nullptr, c)) {
      return;
    }
    MatMulForward(shape, 1, a, b, accumulate ? 1 : 0, c);
  }
}

// What a product of P runs over.
template <class P>
PieceShape Whole(const PieceShape& shape) {
  if (std::is_same_v<P, float>) return shape;
  return {PaddedRows<P>(shape.rows), shape.columns, shape.columns, shape.dim};
}

}  // namespace

bool MultipliesBf16(int64_t dim) { return HasFastBf16() && dim % 32 == 0; }

template <class P>
int64_t PaddedRows(int64_t n) {
  if (std::is_same_v<P, float>) return n;
  return (n + kTile - 1) / kTile * kTile;
}

template <class P>
void KeyProducts(const PieceShape& shape, HeadRows<P> x, HeadRows<P> keys,
                 float* scores) {
  const PieceShape s = Whole<P>(shape);
  Product(
      {s.rows, s.keys, s.dim, false, true, x.stride, keys.stride, s.columns},
      x.data, keys.data, false, scores);
}

template <class P>
void AddToRows(const PieceShape& shape, const P* weights, HeadRows<P> values,
               float* sums) {
  const PieceShape s = Whole<P>(shape);
  Product(
      {s.rows, s.dim, s.keys, false, false, s.columns, values.stride, s.dim},
      weights, values.data, true, sums);
}

template <class P>
void AddToKeys(const PieceShape& shape, const P* weights, HeadRows<P> x,
               float* sums) {
  const PieceShape s = Whole<P>(shape);
  Product({s.keys, s.dim, s.rows, true, false, s.columns, x.stride, s.dim},
          weights, x.data, true, sums);
}

#define ARCHLAB_INSTANTIATE(P)                                               \
  template int64_t PaddedRows<P>(int64_t);                                   \
  template void KeyProducts(const PieceShape&, HeadRows<P>, HeadRows<P>,     \
                            float*);                                         \
  template void AddToRows(const PieceShape&, const P*, HeadRows<P>, float*); \
  template void AddToKeys(const PieceShape&, const P*, HeadRows<P>, float*)
ARCHLAB_INSTANTIATE(float);
ARCHLAB_INSTANTIATE(BF16);
#undef ARCHLAB_INSTANTIATE

}  // namespace archlab
