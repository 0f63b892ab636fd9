// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sums, maxima and norms. BF16 data is summed in float.

#ifndef ARCHLAB_REDUCE_H_
#define ARCHLAB_REDUCE_H_

#include <cstdint>

#include "kernels/types.h"

namespace archlab {

// x [outer, n, inner] -> y [outer, inner], scale times the sum over n. The bias
// gradient is outer = 1; a sum over the last axis inner = 1. (X, Y) is (T, T)
// or (BF16, float). y is not x.
template <class X, class Y>
void SumAxis(const X* x, Y* y, int64_t outer, int64_t n, int64_t inner,
             double scale = 1);

// x [outer, n, inner] -> y [outer, inner], the maximum over n, and `index`, the
// place of the first maximum in 0..n-1 (may be nullptr). A NaN is the maximum.
// n > 0.
template <class T>
void MaxAxis(const T* x, T* y, int32_t* index, int64_t outer, int64_t n,
             int64_t inner);

// The sum of n elements and the sum of their squares, accumulated in double.
template <class T>
double SumAll(const T* x, int64_t n);
template <class T>
double SquaredNorm(const T* x, int64_t n);

// No element is NaN or infinite.
template <class T>
bool AllFinite(const T* x, int64_t n);

}  // namespace archlab

#endif  // ARCHLAB_REDUCE_H_
