// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every sampler keeps.

#include <cmath>
#include <limits>
#include <vector>

#include "archlab/sampler.h"
#include "testing/contract.h"

namespace archlab {
namespace {

constexpr double kRemoved = -std::numeric_limits<double>::infinity();

// Logits that samplers have stumbled over.
std::vector<std::vector<double>> Cases() {
  std::vector<std::vector<double>> cases = {
      {0},
      {-3e4},
      {1, 1, 1, 1, 1},
      {2, 1, 2, kRemoved, 2},
      {kRemoved, kRemoved, 0.5, kRemoved},
      {1e300, -1e300, 0},
      {-1e300, -1e300},
      {700, 699.999, -700},
      {1e-300, 0, -1e-300},
  };
  const Tensor random = TestTensor({200}, DType::kF64, 1, 3);
  cases.push_back(random.ToVector());
  return cases;
}

std::vector<std::vector<int32_t>> Histories() {
  return {{}, {0}, {0, 0, 0, 0, 0, 0, 0, 0}};
}

// For each case and history, `check(before, after)`.
template <class Check>
void ForAll(const Sampler& sampler, const Check& check) {
  for (const std::vector<double>& before : Cases())
    for (const std::vector<int32_t>& history : Histories()) {
      std::vector<double> after = before;
      sampler.Apply(history, absl::MakeSpan(after));
      check(before, after, history);
    }
}

void LeavesAToken(const ContractCase& c) {
  const auto sampler = c.Make<Sampler>();
  ForAll(*sampler.get(), [](const std::vector<double>& before,
                            const std::vector<double>& after, const auto&) {
    int64_t left = 0;
    for (const double logit : after) {
      EXPECT_FALSE(std::isnan(logit)) << ::testing::PrintToString(before);
      EXPECT_LT(logit, -kRemoved) << ::testing::PrintToString(before);
      left += logit != kRemoved;
    }
    EXPECT_GT(left, 0) << ::testing::PrintToString(before);
  });
}

void RemovedStaysRemoved(const ContractCase& c) {
  const auto sampler = c.Make<Sampler>();
  ForAll(*sampler.get(), [](const std::vector<double>& before,
                            const std::vector<double>& after, const auto&) {
    for (size_t id = 0; id < before.size(); ++id)
      if (before[id] == kRemoved) {
        EXPECT_EQ(after[id], kRemoved) << ::testing::PrintToString(before);
      }
  });
}

void IsDeterministic(const ContractCase& c) {
  const auto sampler = c.Make<Sampler>();
  const auto other = c.Make<Sampler>();
  ForAll(*sampler.get(),
         [&](const std::vector<double>& before,
             const std::vector<double>& after, const auto& history) {
           std::vector<double> again = before;
           other->Apply(history, absl::MakeSpan(again));
           EXPECT_EQ(again, after) << ::testing::PrintToString(before);
         });
}

void SurvivesNoTokenAtAll(const ContractCase& c) {
  const auto sampler = c.Make<Sampler>();
  std::vector<double> removed(4, kRemoved);
  sampler->Apply({}, absl::MakeSpan(removed));
  EXPECT_EQ(removed, std::vector<double>(4, kRemoved));
}

}  // namespace

Contract SamplerContract() {
  return {{"LeavesAToken", LeavesAToken},
          {"RemovedStaysRemoved", RemovedStaysRemoved},
          {"IsDeterministic", IsDeterministic},
          {"SurvivesNoTokenAtAll", SurvivesNoTokenAtAll}};
}

}  // namespace archlab
