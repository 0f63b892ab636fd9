// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Temperature against its formula.

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "archlab/sampler.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

constexpr double kRemoved = -std::numeric_limits<double>::infinity();

ARCHLAB_CONTRACT("sampler/temperature", "");
ARCHLAB_CONTRACT("sampler/temperature", "value: 0.7");
ARCHLAB_CONTRACT("sampler/temperature", "value: 1e-300");

// Probabilities of softmax(logits).
std::vector<double> Softmax(const std::vector<double>& logits) {
  std::vector<double> p;
  p.reserve(logits.size());
  for (const double logit : logits) p.push_back(std::exp(logit));
  const double total = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& value : p) value /= total;
  return p;
}

std::vector<double> Tempered(const std::string& config,
                             std::vector<double> logits) {
  UnderTest<Sampler>("sampler/temperature", config)
      ->Apply({}, absl::MakeSpan(logits));
  return logits;
}

TEST(Temperature, IsTheFormula) {
  const std::vector<double> logits = {1, -0.5, 0.25, 2, kRemoved};
  for (const double temperature : {0.25, 0.7, 1.0, 3.0}) {
    std::vector<double> divided = logits;
    for (double& logit : divided) logit /= temperature;
    const std::vector<double> expected = Softmax(divided);
    const std::vector<double> p =
        Softmax(Tempered("value: " + std::to_string(temperature), logits));
    for (size_t id = 0; id < p.size(); ++id)
      EXPECT_NEAR(p[id], expected[id], 1e-15);
  }
}

// Samplers behind it may look at the signs.
TEST(Temperature, DividesAndDoesNotShift) {
  EXPECT_EQ(Tempered("value: 2", {5, 1, -3}),
            (std::vector<double>{2.5, 0.5, -1.5}));
}

TEST(Temperature, NearZeroIsGreedy) {
  EXPECT_EQ(Softmax(Tempered("value: 1e-308", {100, 200, 199, kRemoved})),
            (std::vector<double>{0, 1, 0, 0}));
  EXPECT_EQ(Softmax(Tempered("value: 1e-300", {1, 2, 1.999999, kRemoved})),
            (std::vector<double>{0, 1, 0, 0}));
}

// With 4 degrees of freedom, the statistic is above 23.5 once in 10,000 times.
TEST(Temperature, DrawsWithTheseProbabilities) {
  const std::vector<double> logits = {0.1, 1.2, -0.7, 0.4, 0.9};
  std::vector<double> divided = logits;
  for (double& logit : divided) logit /= 0.8;
  EXPECT_LT(
      DrawsChiSquare(Tempered("value: 0.8", logits), Softmax(divided), 100000),
      23.5);
}

}  // namespace
}  // namespace archlab
