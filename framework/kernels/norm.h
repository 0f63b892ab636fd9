// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Normalisation over the last axis: x [rows, n]. Statistics are Wide<T>.

#ifndef ARCHLAB_NORM_KERNELS_H_
#define ARCHLAB_NORM_KERNELS_H_

#include <cstdint>

#include "kernels/types.h"

namespace archlab {

// y = (x - mean) rstd gain + bias, rstd = 1 / sqrt(variance + epsilon) with the
// biased variance (arXiv:1607.06450). gain, bias [n], either may be nullptr.
// mean, rstd [rows] are outputs; both nullptr when no gradient is wanted.
template <class T>
void LayerNormForward(const T* x, const Wide<T>* gain, const Wide<T>* bias,
                      double epsilon, T* y, Wide<T>* mean, Wide<T>* rstd,
                      int64_t rows, int64_t n);
// Overwrites dx [rows, n], dgain [n] and dbias [n]; each may be nullptr. dx may
// be dy. The column sums use fixed chunks of rows.
template <class T>
void LayerNormBackward(const T* x, const Wide<T>* gain, const Wide<T>* mean,
                       const Wide<T>* rstd, const T* dy, T* dx, Wide<T>* dgain,
                       Wide<T>* dbias, int64_t rows, int64_t n);

// y = x rstd gain, rstd = 1 / sqrt(mean of squares + epsilon)
// (arXiv:1910.07467).
template <class T>
void RmsNormForward(const T* x, const Wide<T>* gain, double epsilon, T* y,
                    Wide<T>* rstd, int64_t rows, int64_t n);
template <class T>
void RmsNormBackward(const T* x, const Wide<T>* gain, const Wide<T>* rstd,
                     const T* dy, T* dx, Wide<T>* dgain, int64_t rows,
                     int64_t n);

}  // namespace archlab

#endif  // ARCHLAB_NORM_KERNELS_H_
