// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/step.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "archlab/ops.h"
#include "archlab/status.h"
#include "kernels/flops.h"

namespace archlab {
namespace {

constexpr char kRemedy[] =
    "; try a smaller learning rate, more warm-up steps or a smaller clip_norm";

// Adds the logs of a micro-batch, weighted by 1 / micro_batches.
void AddLogs(const std::vector<std::pair<std::string, double>>& logs,
             int micro_batches,
             std::vector<std::pair<std::string, double>>* sum) {
  for (const auto& [name, value] : logs) {
    const auto same = [&name = name](const auto& log) {
      return log.first == name;
    };
    auto it = std::find_if(sum->begin(), sum->end(), same);
    if (it == sum->end()) it = sum->insert(it, {name, 0.0});
    it->second += value / micro_batches;
  }
}

}  // namespace

TrainingStep::TrainingStep(Model* model, const Optimizer* optimizer,
                           const StepOptions& options)
    : model_(model),
      optimizer_(optimizer),
      options_(options),
      gradients_(&model->parameters()) {
  for (const auto& parameter : model->parameters().parameters()) {
    ARCHLAB_CHECK(parameter->master.dtype() == DType::kF32)
        << "training needs f32 masters: " << parameter->path;
    state_.emplace_back();
    if (!parameter->trained) continue;
    for (int slot = 0; slot < optimizer->StateSlots(); ++slot)
      state_.back().push_back(Tensor::Zeros(parameter->shape, DType::kF32));
  }
}

absl::StatusOr<StepResult> TrainingStep::Run(int64_t step, double learning_rate,
                                             const BatchSource& batches) {
  StepResult result;  // sums, until the end
  const uint64_t flops_before = FlopsExecuted();
  gradients_.Clear();
  for (int i = 0; i < options_.micro_batches; ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(const Batch batch, batches(i));
    ARCHLAB_RETURN_IF_ERROR(Accumulate(step, batch, &result));
  }
  if (result.tokens == 0)
    return absl::InvalidArgumentError(
        absl::StrCat("step ", step + 1,
                     ": no sample of the batch has a target; use larger "
                     "batches or longer sequences"));
  const double tokens = static_cast<double>(result.tokens);
  result.loss /= tokens;
  result.grad_norm = gradients_.Norm() / tokens;
  if (!std::isfinite(result.grad_norm))
    return absl::InternalError(
        absl::StrCat("step ", step + 1, ": a gradient is not finite: that of '",
                     gradients_.FirstNotFinite(), "'", kRemedy));
  const bool clip =
      options_.clip_norm > 0 && result.grad_norm > options_.clip_norm;
  const double clipping = clip ? options_.clip_norm / result.grad_norm : 1;
  gradients_.Scale(static_cast<float>(clipping / tokens));
  Update(step, learning_rate);
  result.flops = static_cast<double>(FlopsExecuted() - flops_before);
  return result;
}

absl::Status TrainingStep::Accumulate(int64_t step, const Batch& batch,
                                      StepResult* sum) {
  PassOptions pass;
  pass.training = true;
  pass.seed = options_.seed;
  pass.step = step;
  pass.label_smoothing = options_.label_smoothing;
  model_->parameters().RequireGradients(true);
  const LossResult loss = model_->Loss(batch, pass);
  if (!std::isfinite(loss.sum) || !AllFinite(loss.total))
    return LossNotFinite(step, batch, loss.sum);
  Backward(loss.total);
  gradients_.AddFromStore();
  sum->loss += loss.sum;
  sum->tokens += loss.tokens;
  AddLogs(loss.logs, options_.micro_batches, &sum->logs);
  return absl::OkStatus();
}

absl::Status TrainingStep::LossNotFinite(int64_t step, const Batch& batch,
                                         double loss) {
  model_->parameters().ClearGradients();
  std::string place;
  for (const auto& parameter : model_->parameters().parameters())
    if (place.empty() && !AllFinite(parameter->master))
      place = absl::StrCat("the parameter '", parameter->path, "'");
  if (place.empty()) {  // look at the activations, in the order of the pass
    const NoGrad no_grad;
    PassOptions pass;
    pass.training = true;
    pass.seed = options_.seed;
    pass.step = step;
    pass.tap = [&place](const std::string& name, const Tensor& value) {
      if (place.empty() && !AllFinite(value))
        place = absl::StrCat("the activation '", name, "'");
    };
    model_->Loss(batch, pass);
  }
  if (place.empty()) place = "the loss itself";
  return absl::InternalError(absl::StrCat(
      "step ", step + 1, ": the loss is ", loss,
      "; the first tensor that is not finite is ", place, kRemedy));
}

void TrainingStep::Update(int64_t step, double learning_rate) {
  const auto& parameters = model_->parameters().parameters();
  slots_.resize(parameters.size());
  tensors_.clear();
  for (size_t p = 0; p < parameters.size(); ++p) {
    ParameterData& parameter = *parameters[p];
    if (!parameter.trained) continue;
    const size_t size = static_cast<size_t>(parameter.master.size());
    slots_[p].clear();
    for (Tensor& slot : state_[p])
      slots_[p].emplace_back(slot.data<float>(), size);
    tensors_.push_back({parameter.path,
                        parameter.shape,
                        parameter.traits.decay,
                        parameter.traits.matrix,
                        {parameter.master.data<float>(), size},
                        gradients_.of(p),
                        absl::MakeSpan(slots_[p])});
  }
  optimizer_->Step(step + 1, learning_rate, absl::MakeSpan(tensors_));
  model_->parameters().Refresh();
}

TensorFile TrainingStep::OptimizerTensors() const {
  TensorFile file;
  const auto& parameters = model_->parameters().parameters();
  for (size_t p = 0; p < parameters.size(); ++p)
    for (size_t slot = 0; slot < state_[p].size(); ++slot)
      file.tensors.push_back(
          {absl::StrCat(parameters[p]->path, ":",
                        optimizer_->StateName(static_cast<int>(slot))),
           state_[p][slot]});
  file.metadata["format"] = "archlab";
  return file;
}

}  // namespace archlab
