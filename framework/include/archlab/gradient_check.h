// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Gradients against central differences in f64: for tests of operations and of
// components that compose them.

#ifndef ARCHLAB_GRADIENT_CHECK_H_
#define ARCHLAB_GRADIENT_CHECK_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "archlab/tensor.h"

namespace archlab {

struct GradientCheckOptions {
  // Step of the 4-point stencil
  //   (f(x - 2h) - 8 f(x - h) + 8 f(x + h) - f(x + 2h)) / 12h,
  // whose error is O(h^4); keep kinks of f at least 2 h away from the inputs.
  double step = 1e-3;
  // Largest |gradient - difference|, relative to the largest gradient of that
  // input (and to 1e-2 where all of them are smaller).
  double tolerance = 1e-6;
  // Elements tried an input; a longer input is sampled evenly. -1: all.
  int64_t max_elements = 200;
  uint64_t seed = 1;  // of the weights that make a scalar of f's result
};

// Checks the gradients that the tape gives of sum(weights * f(inputs)), for
// fixed random weights, with respect to every f64 input (i32 ones are passed
// through). The error names the input, the element, both values.
absl::Status CheckGradients(
    const std::function<Tensor(const std::vector<Tensor>&)>& f,
    std::vector<Tensor> inputs, const GradientCheckOptions& options = {});

}  // namespace archlab

#endif  // ARCHLAB_GRADIENT_CHECK_H_
