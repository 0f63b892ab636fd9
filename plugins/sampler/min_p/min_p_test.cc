// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Tokens near the most likely one stay.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "archlab/sampler.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

constexpr double kRemoved = -std::numeric_limits<double>::infinity();

ARCHLAB_CONTRACT("sampler/min_p", "");
ARCHLAB_CONTRACT("sampler/min_p", "p: 0");
ARCHLAB_CONTRACT("sampler/min_p", "p: 1");
ARCHLAB_CONTRACT("sampler/min_p", "p: 1e-300");

std::vector<double> Kept(double p, std::vector<double> logits) {
  UnderTest<Sampler>("sampler/min_p", "p: " + std::to_string(p))
      ->Apply({}, absl::MakeSpan(logits));
  return logits;
}

// Logits of the given probabilities, all shifted.
std::vector<double> LogitsOf(const std::vector<double>& probabilities,
                             double shift = 0) {
  std::vector<double> logits;
  logits.reserve(probabilities.size());
  for (const double p : probabilities) logits.push_back(std::log(p) + shift);
  return logits;
}

std::vector<double> Softmax(const std::vector<double>& logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> p;
  p.reserve(logits.size());
  for (const double logit : logits) p.push_back(std::exp(logit - largest));
  const double total = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& value : p) value /= total;
  return p;
}

// The definition, on probabilities: p(v) >= p_base * p_max, then renormalised.
std::vector<double> Defined(double base, std::vector<double> p) {
  const double least = base * *std::max_element(p.begin(), p.end());
  for (double& value : p) value = value >= least ? value : 0;
  const double total = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& value : p) value /= total;
  return p;
}

TEST(MinP, IsTheDefinition) {
  const std::vector<double> logits =
      TestTensor({500}, DType::kF64, 1, 3).ToVector();
  for (const double base : {0.0, 0.01, 0.1, 0.5, 0.9, 1.0}) {
    const std::vector<double> expected = Defined(base, Softmax(logits));
    const std::vector<double> p = Softmax(Kept(base, logits));
    for (size_t id = 0; id < p.size(); ++id)
      EXPECT_NEAR(p[id], expected[id], 1e-15) << base << " " << id;
  }
}

TEST(MinP, LeavesWhatStaysAsItIs) {
  EXPECT_EQ(Kept(0.5, {1, 1.4, 0.6, 2}),
            (std::vector<double>{kRemoved, 1.4, kRemoved, 2}));
}

TEST(MinP, DoesNotDependOnTheScaleOfLogits) {
  for (const double shift : {-1e4, -700.0, 700.0, 1e4}) {
    const std::vector<double> kept =
        Kept(0.3, LogitsOf({0.1, 0.4, 0.05, 0.3, 0.15}, shift));
    EXPECT_EQ(kept[0], kRemoved);
    EXPECT_NE(kept[1], kRemoved);
    EXPECT_EQ(kept[2], kRemoved);
    EXPECT_NE(kept[3], kRemoved);
    EXPECT_NE(kept[4], kRemoved);
  }
}

TEST(MinP, OneKeepsAllOfTheLargest) {
  EXPECT_EQ(Kept(1, {1, 2, 2, 0}),
            (std::vector<double>{kRemoved, 2, 2, kRemoved}));
}

// 0.4, 0.3 and 0.2 remain. With 2 degrees of freedom, the statistic is above
// 18.4 once in 10,000 times.
TEST(MinP, DrawsWithRenormalisedProbabilities) {
  EXPECT_LT(DrawsChiSquare(Kept(0.4, LogitsOf({0.1, 0.4, 0.2, 0.3})),
                           {0, 4. / 9, 2. / 9, 3. / 9}, 100000),
            18.4);
}

}  // namespace
}  // namespace archlab
