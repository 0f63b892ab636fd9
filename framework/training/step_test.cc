// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "training/fakes_for_test.h"
#include "training/weights.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

constexpr int kV = kFakeVocabulary;

// Rows of a batch; -1 in the targets: not counted.
Batch MakeBatch(const std::vector<std::vector<int32_t>>& ids,
                const std::vector<std::vector<int32_t>>& targets) {
  std::vector<int32_t> flat_ids, flat_targets;
  std::vector<double> weights;
  Batch batch;
  for (size_t row = 0; row < ids.size(); ++row)
    for (size_t t = 0; t < ids[row].size(); ++t) {
      const bool counted = targets[row][t] >= 0;
      flat_ids.push_back(ids[row][t]);
      flat_targets.push_back(counted ? targets[row][t] : 0);
      weights.push_back(counted ? 1 : 0);
      batch.tokens += counted;
    }
  const Shape shape = {static_cast<int64_t>(ids.size()),
                       static_cast<int64_t>(ids[0].size())};
  batch.ids = Tensor::FromI32(shape, flat_ids);
  batch.targets = Tensor::FromI32(shape, flat_targets);
  batch.weights = Tensor::From(shape, weights);
  return batch;
}

const std::vector<std::vector<int32_t>> kIds = {
    {0, 1, 2}, {3, 3, 0}, {1, 1, 1}, {2, 0, 3}};
const std::vector<std::vector<int32_t>> kTargets = {
    {1, 2, 3}, {3, -1, -1}, {0, 2, -1}, {0, 3, 1}};

Batch RowsOf(size_t begin, size_t count) {
  return MakeBatch(
      {kIds.begin() + begin, kIds.begin() + begin + count},
      {kTargets.begin() + begin, kTargets.begin() + begin + count});
}

// The table after the model took one step on `micro_batches` parts of the data.
std::vector<double> TableAfter(int micro_batches, double clip_norm,
                               DType compute, StepResult* result) {
  FakeModel model(compute);
  const FakeOptimizer optimizer;
  TrainingStep step(&model, &optimizer, {micro_batches, clip_norm, 0});
  const size_t rows = kIds.size() / micro_batches;
  const auto got = step.Run(0, 1.0, [&](int i) -> absl::StatusOr<Batch> {
    return RowsOf(i * rows, rows);
  });
  EXPECT_TRUE(got.ok()) << got.status();
  if (got.ok()) *result = *got;
  EXPECT_EQ(model.parameters().Find("unused.bias")->master.ToVector(),
            (std::vector<double>{1, 1, 1}));
  return model.parameters().Find("table.weight")->master.ToVector();
}

// Loss and gradient of the mean loss, by hand.
double ByHand(const std::vector<double>& table, std::vector<double>* gradient) {
  double loss = 0;
  int tokens = 0;
  gradient->assign(kV * kV, 0);
  for (size_t row = 0; row < kIds.size(); ++row)
    for (size_t t = 0; t < kIds[row].size(); ++t) {
      if (kTargets[row][t] < 0) continue;
      const double* logits = &table[kIds[row][t] * kV];
      double sum = 0;
      for (int v = 0; v < kV; ++v) sum += std::exp(logits[v]);
      for (int v = 0; v < kV; ++v)
        (*gradient)[kIds[row][t] * kV + v] +=
            std::exp(logits[v]) / sum - (v == kTargets[row][t]);
      loss += std::log(sum) - logits[kTargets[row][t]];
      ++tokens;
    }
  for (double& g : *gradient) g /= tokens;
  return loss / tokens;
}

TEST(Step, LossGradientAndNormAreThoseByHand) {
  const FakeModel model;
  const std::vector<double> before =
      model.parameters().Find("table.weight")->master.ToVector();
  std::vector<double> gradient;
  const double loss = ByHand(before, &gradient);
  double norm = 0;
  for (const double g : gradient) norm += g * g;
  norm = std::sqrt(norm);
  for (const double clip : {0.0, 0.1, 1e6}) {
    StepResult result;
    const std::vector<double> after = TableAfter(1, clip, DType::kF32, &result);
    EXPECT_EQ(result.tokens, 9);
    EXPECT_NEAR(result.loss, loss, 1e-6);
    EXPECT_NEAR(result.grad_norm, norm, 1e-6);
    const double factor = clip == 0.1 ? 0.1 / norm : 1;
    for (int i = 0; i < kV * kV; ++i)  // momentum: 1 + 0.1
      EXPECT_NEAR(after[i], before[i] - 1.1 * factor * gradient[i], 1e-6);
  }
}

TEST(Step, AccumulationWeighsTokens) {
  for (const DType compute : {DType::kF32, DType::kBF16}) {
    StepResult whole, parts;
    const std::vector<double> one = TableAfter(1, 0.5, compute, &whole);
    for (const int micro_batches : {2, 4}) {
      const std::vector<double> many =
          TableAfter(micro_batches, 0.5, compute, &parts);
      const double tolerance = compute == DType::kF32 ? 1e-6 : 5e-3;
      EXPECT_NEAR(parts.loss, whole.loss, tolerance);
      EXPECT_NEAR(parts.grad_norm, whole.grad_norm, tolerance);
      EXPECT_EQ(parts.tokens, whole.tokens);
      for (size_t i = 0; i < one.size(); ++i)
        EXPECT_NEAR(many[i], one[i], tolerance);
      ASSERT_EQ(parts.logs.size(), 1u);  // the mean over micro-batches
      EXPECT_DOUBLE_EQ(parts.logs[0].second, 4.0 / micro_batches);
    }
  }
}

absl::Status RunOnce(FakeModel& model, int64_t step_number) {
  const FakeOptimizer optimizer;
  TrainingStep step(&model, &optimizer, {1, 1.0, 0});
  const std::vector<double> before =
      model.parameters().Find("table.weight")->master.ToVector();
  const absl::Status status =
      step.Run(step_number, 1.0,
               [](int) -> absl::StatusOr<Batch> { return RowsOf(0, 4); })
          .status();
  if (!status.ok() && std::isfinite(before[0])) {
    EXPECT_EQ(model.parameters().Find("table.weight")->master.ToVector(),
              before);
  }
  return status;
}

TEST(Step, WhatIsNotFiniteIsNamed) {
  FakeModel parameter;
  parameter.parameters().Find("table.weight")->master.Set(0, NAN);
  EXPECT_THAT(std::string(RunOnce(parameter, 4).message()),
              HasSubstr("step 5: the loss is nan; the first tensor that is not "
                        "finite is the parameter 'table.weight'"));
  FakeModel activation;
  activation.bad_activation_at_step = 2;
  EXPECT_TRUE(RunOnce(activation, 1).ok());
  EXPECT_THAT(std::string(RunOnce(activation, 2).message()),
              HasSubstr("the activation 'logits'"));
  FakeModel gradient;
  gradient.bad_gradient_at_step = 0;
  const absl::Status status = RunOnce(gradient, 0);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("step 1: a gradient is not finite: that of "
                        "'table.weight'; try a smaller learning rate"));
}

TEST(Step, NothingToPredictIsAnError) {
  FakeModel model;
  const FakeOptimizer optimizer;
  TrainingStep step(&model, &optimizer, {1, 1.0, 0});
  const auto result = step.Run(0, 1.0, [](int) -> absl::StatusOr<Batch> {
    return MakeBatch({{0, 1}}, {{-1, -1}});
  });
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Weights, RoundTripAndMismatches) {
  FakeModel from(DType::kF32, 1), to(DType::kBF16, 2);
  const TensorFile file = ModelTensors(from.parameters());
  ASSERT_TRUE(LoadModelTensors(file, "m", &to.parameters()).ok());
  const ParameterData& table = *to.parameters().Find("table.weight");
  EXPECT_EQ(table.master.ToVector(), file.Find("table.weight")->ToVector());
  EXPECT_NEAR(table.compute.At(0), table.master.At(0), 1e-3);  // refreshed

  TensorFile wrong = file;
  wrong.tensors[0].value = Tensor::Zeros({2, 4}, DType::kF32);
  EXPECT_THAT(
      std::string(LoadModelTensors(wrong, "m", &to.parameters()).message()),
      HasSubstr("m: the tensor 'table.weight' is f32 [2, 4], the model's is "
                "f32 [4, 4]"));
  wrong = file;
  wrong.tensors.pop_back();
  EXPECT_THAT(
      std::string(LoadModelTensors(wrong, "m", &to.parameters()).message()),
      HasSubstr("'unused.bias' is missing"));
  wrong = file;
  wrong.tensors.push_back({"extra", Tensor::Zeros({1}, DType::kF32)});
  EXPECT_THAT(
      std::string(LoadModelTensors(wrong, "m", &to.parameters()).message()),
      HasSubstr("the model has no tensor 'extra'"));
}

}  // namespace
}  // namespace archlab
