// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "archlab/gradient_check.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "archlab/ops.h"
#include "archlab/random.h"

namespace archlab {
namespace {

using Function = std::function<Tensor(const std::vector<Tensor>&)>;

// f followed by a weighted sum.
class Scalarised {
 public:
  Scalarised(const Function& f, const GradientCheckOptions& options)
      : f_(f), random_(options.seed, 0, SiteHash("gradient_check")) {}

  Tensor operator()(const std::vector<Tensor>& inputs) {
    const Tensor y = f_(inputs);
    if (!weights_.defined()) {
      weights_ = Tensor::Empty(y.shape(), DType::kF64);
      for (int64_t i = 0; i < y.size(); ++i) weights_.Set(i, random_.Normal());
    }
    return SumAll(Mul(y, weights_));
  }

 private:
  const Function& f_;
  Random random_;
  Tensor weights_;
};

// The 4-point stencil at element i of x, which is left as it was.
double Difference(Scalarised& loss, const std::vector<Tensor>& inputs,
                  Tensor& x, int64_t i, double h) {
  const NoGrad no_grad;
  const double before = x.At(i);
  const auto at = [&](double shift) {
    x.Set(i, before + shift);
    return loss(inputs).At(0);
  };
  const double outer = at(-2 * h) - at(2 * h);
  const double inner = at(h) - at(-h);
  x.Set(i, before);
  return (outer + 8 * inner) / (12 * h);
}

absl::Status CheckInput(Scalarised& loss, const std::vector<Tensor>& inputs,
                        int64_t index, const GradientCheckOptions& options) {
  Tensor x = inputs[index];
  const Tensor gradient = x.grad();
  double largest = 1e-2;
  for (int64_t i = 0; gradient.defined() && i < x.size(); ++i) {
    largest = std::max(largest, std::abs(gradient.At(i)));
  }
  const int64_t tried = options.max_elements < 0
                            ? x.size()
                            : std::min(x.size(), options.max_elements);
  for (int64_t n = 0; n < tried; ++n) {
    const int64_t i = n * x.size() / tried;
    const double expected = Difference(loss, inputs, x, i, options.step);
    const double found = gradient.defined() ? gradient.At(i) : 0;
    const double error = std::abs(found - expected) / largest;
    if (error < options.tolerance) continue;  // false for NaN
    return absl::InternalError(absl::StrCat(
        "gradient of input ", index, " ", x.shape().ToString(), ", element ", i,
        ": the tape gives ", found, ", central differences ", expected,
        " (relative error ", error, ", allowed ", options.tolerance, ")"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckGradients(const Function& f, std::vector<Tensor> inputs,
                            const GradientCheckOptions& options) {
  for (Tensor& input : inputs) {
    if (input.dtype() == DType::kI32) continue;
    if (input.dtype() != DType::kF64) {
      return absl::InvalidArgumentError("gradients are checked in f64");
    }
    input = input.Clone();
    input.SetRequiresGrad();
  }
  Scalarised loss(f, options);
  const Tensor value = loss(inputs);
  if (!value.requires_grad()) {
    return absl::InvalidArgumentError(
        "the function's result does not depend on its inputs");
  }
  Backward(value);
  for (int64_t i = 0; i < int64_t(inputs.size()); ++i) {
    if (inputs[i].dtype() == DType::kI32) continue;
    absl::Status status = CheckInput(loss, inputs, i, options);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace archlab
