// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Matrix products, row-major. float runs on dnnl_sgemm, BF16 on oneDNN
// primitives where the CPU is fast at it and the shape allows, else on
// float copies; few-row products, as in decoding, on own loops.

#ifndef ARCHLAB_MATMUL_H_
#define ARCHLAB_MATMUL_H_

#include <cstdint>

#include "kernels/types.h"

namespace archlab {

// c [m, n] = alpha op(a) op(b) + beta c. op(a) is [m, k]: a is stored [m, k],
// or [k, m] when transposed; b [k, n] or [n, k]. lda, ldb, ldc are the
// distances between stored rows, in elements. c is neither a nor b; with
// beta = 0 it may hold anything.
struct MatMulShape {
  int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  int64_t lda = 0, ldb = 0, ldc = 0;  // 0: dense
};

// (A, B, C) is (T, T, T) or (BF16, BF16, float).
template <class A, class B, class C>
void MatMulForward(const MatMulShape& shape, double alpha, const A* a,
                   const B* b, double beta, C* c);

// The same for `batch` products at distances of stride_a, stride_b and stride_c
// elements; a stride of 0 repeats an operand (not c).
template <class A, class B, class C>
void BatchedMatMulForward(const MatMulShape& shape, int64_t batch, double alpha,
                          const A* a, int64_t stride_a, const B* b,
                          int64_t stride_b, double beta, C* c,
                          int64_t stride_c);

// y [m, n] = x [m, k] weight [n, k]^T + bias [n]; bias may be nullptr.
// (T, Y) is (T, T) or (BF16, float).
template <class T, class Y>
void LinearForward(const T* x, const T* weight, const Wide<T>* bias, Y* y,
                   int64_t m, int64_t n, int64_t k);

// `n` rounded up to a width at which products of T are fast on this CPU: a
// matrix of so many columns, the last of them zero, is worth a copy.
template <class T>
int64_t FastColumns(int64_t n);

}  // namespace archlab

#endif  // ARCHLAB_MATMUL_H_
