// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Newton-Schulz iterations; see orthogonalize.h.

#include "orthogonalize.h"

#include <cmath>

#include "archlab/ops.h"

namespace archlab {
namespace {

constexpr double kA = 3.4445, kB = -4.7750, kC = 2.0315;

// Frobenius norm. Doubles: squares of small gradients vanish in floats.
double Norm(const Tensor& x) {
  const float* const data = x.data<float>();
  double sum = 0;
  for (int64_t i = 0; i < x.size(); ++i) sum += double(data[i]) * data[i];
  return std::sqrt(sum);
}

}  // namespace

Tensor Orthogonalize(const Tensor& x, int iterations) {
  const NoGrad no_grad;
  const bool tall = x.dim(0) > x.dim(1);
  const double norm = Norm(x);
  if (norm == 0) return x;
  Tensor y = x * (1 / norm);  // [M, N]
  for (int i = 0; i < iterations; ++i) {
    // The polynomial in the smaller of the two squares, side S = min(M, N).
    const Tensor square = MatMul(y, y, tall, !tall);  // [S, S]
    const Tensor polynomial =
        square * kB + MatMul(square, square) * kC;  // [S, S]
    y = y * kA +
        (tall ? MatMul(y, polynomial) : MatMul(polynomial, y));  // [M, N]
  }
  return y;
}

}  // namespace archlab
