// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Cross-entropy over rows of logits, loss and gradient in one pass.

#ifndef ARCHLAB_LOSS_H_
#define ARCHLAB_LOSS_H_

#include <cstdint>

#include "kernels/types.h"

namespace archlab {

// The sum over rows of weights[r] * sum_c q[r][c] * -log softmax(logits[r])[c],
// with q = (1 - smoothing) [c == targets[r]] + smoothing / classes.
// logits [rows, stride], of which the first `classes` columns count; targets
// [rows] in [0, classes) where the weight is not 0. `dlogits` [rows, stride]
// gets the gradient of the sum (0 in columns from `classes` on); it may be
// `logits`, or nullptr.
template <class T>
double CrossEntropyRows(const T* logits, const int32_t* targets,
                        const float* weights, double smoothing, T* dlogits,
                        int64_t rows, int64_t classes, int64_t stride);

}  // namespace archlab

#endif  // ARCHLAB_LOSS_H_
