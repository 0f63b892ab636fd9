// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Every operation with inputs that exercise it: one list for the gradient check
// in f64 and for the comparison of f32 and bf16 with f64.

#ifndef ARCHLAB_AUTOGRAD_OPS_CASES_H_
#define ARCHLAB_AUTOGRAD_OPS_CASES_H_

#include <functional>
#include <string>
#include <vector>

#include "archlab/tensor.h"

namespace archlab {

struct OpCase {
  std::string name;
  std::function<Tensor(const std::vector<Tensor>&)> f;
  std::vector<Tensor> inputs;  // f64 and i32
  // Inputs that stay f32 when the others are bf16 (weights of rows).
  std::vector<int> wide = {};
};

std::vector<OpCase> OpCases();

}  // namespace archlab

#endif  // ARCHLAB_AUTOGRAD_OPS_CASES_H_
