// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// One optimizer step: micro-batches, their gradients, clipping, new weights.
//
// The gradient is that of the loss summed over all counted targets of the step,
// divided by their number, so k micro-batches of b rows give what one of k b
// rows gives, to rounding, even where rows have different numbers of targets.

#ifndef ARCHLAB_STEP_H_
#define ARCHLAB_STEP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "archlab/optimizer.h"
#include "model/model.h"
#include "training/gradients.h"
#include "training/safetensors.h"

namespace archlab {

struct StepOptions {
  int micro_batches = 1;
  double clip_norm = 0;  // 0: no clipping
  uint64_t seed = 0;     // of dropout
  double label_smoothing = 0;
};

struct StepResult {
  double loss = 0;  // cross-entropy, nats a token
  int64_t tokens = 0;
  double grad_norm = 0;  // before clipping
  // Of the matrix products that the step ran (kernels/flops.h): all passes of
  // all micro-batches, and the optimizer's own.
  double flops = 0;
  std::vector<std::pair<std::string, double>> logs;  // means
};

class TrainingStep {
 public:
  // Gives micro-batch i of the step.
  using BatchSource = std::function<absl::StatusOr<Batch>(int micro_batch)>;

  // Takes the memory of gradients and optimizer state. Model and optimizer
  // outlive this.
  TrainingStep(Model* model, const Optimizer* optimizer,
               const StepOptions& options);

  // Step `step`, counted from 0. When the loss or a gradient is not finite, the
  // weights are as before and the error names the step and the first bad
  // tensor.
  absl::StatusOr<StepResult> Run(int64_t step, double learning_rate,
                                 const BatchSource& batches);

  // The optimizer's state as "<parameter path>:<slot name>", sharing storage.
  TensorFile OptimizerTensors() const;

 private:
  // Forward and backward of one micro-batch; adds to the gradients.
  absl::Status Accumulate(int64_t step, const Batch& batch, StepResult* sum);
  // Why a loss is not finite: the first bad parameter or activation.
  absl::Status LossNotFinite(int64_t step, const Batch& batch, double loss);
  void Update(int64_t step, double learning_rate);

  Model* const model_;
  const Optimizer* const optimizer_;
  const StepOptions options_;
  GradientSum gradients_;
  std::vector<std::vector<Tensor>> state_;  // [parameter][slot], f32
  // What the optimizer is given, kept from step to step: trained parameters.
  std::vector<std::vector<absl::Span<float>>> slots_;  // [parameter][slot]
  std::vector<OptimizerTensor> tensors_;
};

}  // namespace archlab

#endif  // ARCHLAB_STEP_H_
