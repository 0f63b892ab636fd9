// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The nucleus stays.

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

ARCHLAB_CONTRACT("sampler/top_p", "");
ARCHLAB_CONTRACT("sampler/top_p", "p: 1e-9");
ARCHLAB_CONTRACT("sampler/top_p", "p: 1");
ARCHLAB_CONTRACT("sampler/top_p", "p: 0.5");

// Which tokens of the given probabilities stay.
std::vector<bool> Nucleus(double p, const std::vector<double>& probabilities,
                          double shift = 0) {
  std::vector<double> logits;
  logits.reserve(probabilities.size());
  for (const double probability : probabilities)
    logits.push_back(std::log(probability) + shift);
  UnderTest<Sampler>("sampler/top_p", "p: " + std::to_string(p))
      ->Apply({}, absl::MakeSpan(logits));
  std::vector<bool> kept;
  kept.reserve(logits.size());
  for (const double logit : logits) kept.push_back(logit != kRemoved);
  return kept;
}

TEST(TopP, IsTheSmallestSetThatReachesP) {
  const std::vector<double> p = {0.1, 0.4, 0.05, 0.3, 0.15};
  using Kept = std::vector<bool>;
  EXPECT_EQ(Nucleus(0.39, p), (Kept{0, 1, 0, 0, 0}));
  EXPECT_EQ(Nucleus(0.41, p), (Kept{0, 1, 0, 1, 0}));
  EXPECT_EQ(Nucleus(0.69, p), (Kept{0, 1, 0, 1, 0}));
  EXPECT_EQ(Nucleus(0.71, p), (Kept{0, 1, 0, 1, 1}));
  EXPECT_EQ(Nucleus(0.94, p), (Kept{1, 1, 0, 1, 1}));
  EXPECT_EQ(Nucleus(0.96, p), (Kept{1, 1, 1, 1, 1}));
  EXPECT_EQ(Nucleus(0.000001, p), (Kept{0, 1, 0, 0, 0}));
}

// The definition in double precision: sorted, cut, renormalised.
TEST(TopP, ProbabilitiesAreThoseOfTheDefinition) {
  const std::vector<double> logits =
      TestTensor({500}, DType::kF64, 1, 3).ToVector();
  double total = 0;
  for (const double logit : logits) total += std::exp(logit);
  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return logits[a] > logits[b]; });
  for (const double p : {0.1, 0.5, 0.9, 0.999}) {
    std::vector<double> expected(logits.size());
    double kept = 0;
    for (size_t i = 0; i < order.size() && kept < p; ++i) {
      expected[order[i]] = std::exp(logits[order[i]]) / total;
      kept += expected[order[i]];
    }
    std::vector<double> left = logits;
    UnderTest<Sampler>("sampler/top_p", "p: " + std::to_string(p))
        ->Apply({}, absl::MakeSpan(left));
    double sum = 0;
    for (const double logit : left) sum += std::exp(logit);
    for (size_t id = 0; id < left.size(); ++id)
      EXPECT_NEAR(std::exp(left[id]) / sum, expected[id] / kept, 1e-15) << id;
  }
}

TEST(TopP, DoesNotDependOnTheScaleOfLogits) {
  const std::vector<double> p = {0.1, 0.4, 0.05, 0.3, 0.15};
  for (const double shift : {-1e4, -700.0, 700.0, 1e4})
    EXPECT_EQ(Nucleus(0.71, p, shift), Nucleus(0.71, p)) << shift;
}

TEST(TopP, PrefersTheSmallerIdsOfEquals) {
  EXPECT_EQ(Nucleus(0.5, {0.25, 0.25, 0.25, 0.25}),
            (std::vector<bool>{1, 1, 0, 0}));
  EXPECT_EQ(Nucleus(0.29, {0.2, 0.3, 0.2, 0.3}),
            (std::vector<bool>{0, 1, 0, 0}));
}

TEST(TopP, OneKeepsEvenTheUnlikely) {
  EXPECT_EQ(Nucleus(1, {1, 1e-300, 0}), (std::vector<bool>{1, 1, 0}));
}

// 0.4 and 0.3 remain. With 1 degree of freedom, the statistic is above 15.1
// once in 10,000 times.
TEST(TopP, DrawsWithRenormalisedProbabilities) {
  std::vector<double> logits = {std::log(0.1), std::log(0.4), std::log(0.2),
                                std::log(0.3)};
  UnderTest<Sampler>("sampler/top_p", "p: 0.65")
      ->Apply({}, absl::MakeSpan(logits));
  EXPECT_LT(DrawsChiSquare(logits, {0, 4. / 7, 0, 3. / 7}, 100000), 15.1);
}

}  // namespace
}  // namespace archlab
