// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The nearest orthogonal matrix, roughly, by matrix products alone.

#ifndef ARCHLAB_ORTHOGONALIZE_H_
#define ARCHLAB_ORTHOGONALIZE_H_

#include "archlab/tensor.h"

namespace archlab {

// x [M, N], f32, U S V^T -> about U V^T, by `iterations` of the quintic
// Newton-Schulz iteration, which moves each singular value s to
// 3.4445 s - 4.7750 s^3 + 2.0315 s^5 once s / |x| stands in for s. These
// coefficients trade exactness for speed: s ends near 1, not at it. A zero
// matrix stays zero. The bits do not depend on the thread count.
// Source: Jordan et al., Muon: An optimizer for hidden layers in neural
// networks, 2024.
Tensor Orthogonalize(const Tensor& x, int iterations);

}  // namespace archlab

#endif  // ARCHLAB_ORTHOGONALIZE_H_
