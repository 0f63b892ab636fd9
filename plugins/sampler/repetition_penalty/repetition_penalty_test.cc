// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The penalty against its formula.

#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

#include "archlab/sampler.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

constexpr double kRemoved = -std::numeric_limits<double>::infinity();

ARCHLAB_CONTRACT("sampler/repetition_penalty", "");
ARCHLAB_CONTRACT("sampler/repetition_penalty", "penalty: 1");
ARCHLAB_CONTRACT("sampler/repetition_penalty",
                 "penalty: 1000000 window_tokens: 1");

std::vector<double> Penalised(const std::string& config,
                              const std::vector<int32_t>& history,
                              std::vector<double> logits) {
  UnderTest<Sampler>("sampler/repetition_penalty", config)
      ->Apply(history, absl::MakeSpan(logits));
  return logits;
}

std::vector<double> Softmax(const std::vector<double>& logits) {
  std::vector<double> p;
  p.reserve(logits.size());
  for (const double logit : logits) p.push_back(std::exp(logit));
  const double total = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& value : p) value /= total;
  return p;
}

TEST(RepetitionPenalty, DividesPositiveAndMultipliesNegativeLogits) {
  EXPECT_EQ(Penalised("penalty: 2", {0, 1, 3, 4}, {3, -3, 3, 0, kRemoved}),
            (std::vector<double>{1.5, -6, 3, 0, kRemoved}));
}

TEST(RepetitionPenalty, CountsATokenOnce) {
  EXPECT_EQ(Penalised("penalty: 2", {1, 1, 0, 1}, {4, 8, 16}),
            (std::vector<double>{2, 4, 16}));
}

TEST(RepetitionPenalty, ForgetsWhatLeftTheWindow) {
  const std::vector<int32_t> history = {0, 1, 2, 2};
  const std::vector<double> logits = {4, 8, 16};
  using Logits = std::vector<double>;
  for (const auto& [window, expected] :
       {std::pair{"0", Logits{2, 4, 8}}, std::pair{"1", Logits{4, 8, 8}},
        std::pair{"2", Logits{4, 8, 8}}, std::pair{"3", Logits{4, 4, 8}},
        std::pair{"4", Logits{2, 4, 8}}, std::pair{"9", Logits{2, 4, 8}}})
    EXPECT_EQ(Penalised(std::string("penalty: 2 window_tokens: ") + window,
                        history, logits),
              expected)
        << window;
}

TEST(RepetitionPenalty, HasTheProbabilitiesOfTheFormula) {
  const std::vector<double> logits =
      TestTensor({200}, DType::kF64, 1, 3).ToVector();
  const std::vector<int32_t> history = {3, 0, 199, 3, 17, 42, 0};
  const std::set<int32_t> seen(history.begin(), history.end());
  std::vector<double> weight;
  for (size_t id = 0; id < logits.size(); ++id) {
    const double x = logits[id];
    const double divisor = seen.count(id) == 0 ? 1 : x > 0 ? 1.3 : 1 / 1.3;
    weight.push_back(std::exp(x / divisor));
  }
  const double total = std::accumulate(weight.begin(), weight.end(), 0.0);
  const std::vector<double> p =
      Softmax(Penalised("penalty: 1.3", history, logits));
  for (size_t id = 0; id < p.size(); ++id)
    EXPECT_NEAR(p[id], weight[id] / total, 1e-15);
}

// With 3 degrees of freedom, the statistic is above 21.1 once in 10,000 times.
TEST(RepetitionPenalty, DrawsWithTheseProbabilities) {
  EXPECT_LT(
      DrawsChiSquare(Penalised("penalty: 1.5", {0, 1}, {1.2, -0.6, 0.3, 0.8}),
                     Softmax({0.8, -0.9, 0.3, 0.8}), 100000),
      21.1);
}

}  // namespace
}  // namespace archlab
