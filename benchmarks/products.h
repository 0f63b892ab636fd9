// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The matrix products of a training step, from the model's dimensions.

#ifndef ARCHLAB_PRODUCTS_H_
#define ARCHLAB_PRODUCTS_H_

#include <cstdint>
#include <vector>

#include "bench_model.h"

namespace archlab {

// c [m, n] = op(a) op(b), `batch` at once; op(a) is [m, k], stored [k, m] when
// transposed.
struct Product {
  int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  int64_t batch = 1;
  bool gradient = false;  // of a weight: its result is f32
  int64_t count = 1;      // in one step

  double flops() const { return 2.0 * m * n * k * batch * count; }
};

// Forward, gradient of the input and gradient of the weight of every linear
// layer and of the head; seven products of [T, T / 2] for a head of causal
// attention (two forward, five backward), of [T, T] where all is seen. The
// same shape comes once.
std::vector<Product> ProductsOf(const BenchModel& model);

}  // namespace archlab

#endif  // ARCHLAB_PRODUCTS_H_
