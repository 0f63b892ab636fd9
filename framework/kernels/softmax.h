// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Softmax over the last axis: x [rows, n].

#ifndef ARCHLAB_SOFTMAX_H_
#define ARCHLAB_SOFTMAX_H_

#include <cstdint>

#include "kernels/types.h"

namespace archlab {

// A row of only -inf gives zeros (softmax) or -inf (log-softmax).
template <class T>
void SoftmaxForward(const T* x, T* y, int64_t rows, int64_t n);
// dx = y (dy - sum(y dy)), from the output y.
template <class T>
void SoftmaxBackward(const T* y, const T* dy, T* dx, int64_t rows, int64_t n);

template <class T>
void LogSoftmaxForward(const T* x, T* y, int64_t rows, int64_t n);
// dx = dy - exp(y) sum(dy), from the output y.
template <class T>
void LogSoftmaxBackward(const T* y, const T* dy, T* dx, int64_t rows,
                        int64_t n);

}  // namespace archlab

#endif  // ARCHLAB_SOFTMAX_H_
