// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every optimizer keeps.

#include <cmath>
#include <set>
#include <vector>

#include "archlab/optimizer.h"
#include "testing/contract.h"

namespace archlab {
namespace {

// A matrix and a vector, pulled to 1 by gradients w - 1.
class Problem {
 public:
  explicit Problem(const Optimizer& optimizer, const Shape& matrix = {6, 4})
      : optimizer_(optimizer) {
    Add(matrix, true, true);
    Add({5}, false, false);
  }

  double Loss() const {
    double sum = 0;
    for (const Variable& v : variables_)
      for (const float w : v.value)
        sum += (w - 1.0) * (w - 1.0) / v.value.size();
    return sum;
  }

  void Step(int64_t step, double learning_rate) {
    std::vector<OptimizerTensor> tensors;
    for (Variable& v : variables_) {
      for (size_t i = 0; i < v.value.size(); ++i)
        v.gradient[i] = v.value[i] - 1;
      v.views.clear();
      for (std::vector<float>& slot : v.state)
        v.views.push_back(absl::MakeSpan(slot));
      tensors.push_back({"test", v.shape, v.decay, v.matrix,
                         absl::MakeSpan(v.value), v.gradient,
                         absl::MakeSpan(v.views)});
    }
    optimizer_.Step(step, learning_rate, absl::MakeSpan(tensors));
  }

  // All weights, one after the other.
  std::vector<float> Weights() const {
    std::vector<float> all;
    for (const Variable& v : variables_)
      all.insert(all.end(), v.value.begin(), v.value.end());
    return all;
  }

 private:
  struct Variable {
    Shape shape;
    bool decay, matrix;
    std::vector<float> value, gradient;
    std::vector<std::vector<float>> state;
    std::vector<absl::Span<float>> views;
  };

  void Add(const Shape& shape, bool decay, bool matrix) {
    Variable v = {shape, decay, matrix, {}, {}, {}, {}};
    const Tensor start = TestTensor(shape, DType::kF32, variables_.size());
    for (const double w : start.ToVector()) v.value.push_back(float(w));
    v.gradient.resize(v.value.size());
    v.state.assign(optimizer_.StateSlots(),
                   std::vector<float>(v.value.size(), 0));
    variables_.push_back(std::move(v));
  }

  const Optimizer& optimizer_;
  std::vector<Variable> variables_;
};

void StateHasNames(const ContractCase& c) {
  const auto optimizer = c.Make<Optimizer>();
  ASSERT_GE(optimizer->StateSlots(), 0);
  std::set<std::string> names;
  for (int slot = 0; slot < optimizer->StateSlots(); ++slot) {
    EXPECT_FALSE(optimizer->StateName(slot).empty());
    EXPECT_TRUE(names.insert(optimizer->StateName(slot)).second)
        << optimizer->StateName(slot) << " names two slots";
  }
}

void DecreasesAQuadratic(const ContractCase& c) {
  const auto optimizer = c.Make<Optimizer>();
  Problem problem(*optimizer.get());
  const double before = problem.Loss();
  for (int64_t step = 1; step <= 200; ++step) problem.Step(step, 0.02);
  EXPECT_LT(problem.Loss(), 0.5 * before);
  for (const float w : problem.Weights()) ASSERT_TRUE(std::isfinite(w));
}

void LearningRateZeroChangesNothing(const ContractCase& c) {
  const auto optimizer = c.Make<Optimizer>();
  Problem problem(*optimizer.get());
  const std::vector<float> before = problem.Weights();
  problem.Step(1, 0);
  EXPECT_EQ(problem.Weights(), before);
}

// Work inside a parallel loop is serial: with one thread and with many, the
// weights have the same bits.
void ThreadsChangeNothing(const ContractCase& c) {
  const auto optimizer = c.Make<Optimizer>();
  const Shape several_chunks = {150, 250};
  Problem many(*optimizer.get(), several_chunks);
  Problem one(*optimizer.get(), several_chunks);
  for (int64_t step = 1; step <= 5; ++step) {
    many.Step(step, 0.01);
    ParallelFor(2, 1, [&](int64_t begin, int64_t) {
      if (begin == 0) one.Step(step, 0.01);
    });
  }
  EXPECT_EQ(many.Weights(), one.Weights());
}

void SurvivesZeroGradients(const ContractCase& c) {
  const auto optimizer = c.Make<Optimizer>();
  std::vector<float> value = {0, 1, -1}, gradient(3, 0);
  std::vector<std::vector<float>> state(optimizer->StateSlots(),
                                        std::vector<float>(3, 0));
  std::vector<absl::Span<float>> views;
  for (std::vector<float>& slot : state) views.push_back(absl::MakeSpan(slot));
  std::vector<OptimizerTensor> tensors = {{"test", Shape{3}, false, false,
                                           absl::MakeSpan(value), gradient,
                                           absl::MakeSpan(views)}};
  for (int64_t step = 1; step <= 3; ++step)
    optimizer->Step(step, 0.1, absl::MakeSpan(tensors));
  EXPECT_EQ(value, (std::vector<float>{0, 1, -1}));
}

}  // namespace

Contract OptimizerContract() {
  return {{"StateHasNames", StateHasNames},
          {"DecreasesAQuadratic", DecreasesAQuadratic},
          {"LearningRateZeroChangesNothing", LearningRateZeroChangesNothing},
          {"ThreadsChangeNothing", ThreadsChangeNothing},
          {"SurvivesZeroGradients", SurvivesZeroGradients}};
}

}  // namespace archlab
