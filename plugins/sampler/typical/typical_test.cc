// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Tokens of typical surprise stay.

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

ARCHLAB_CONTRACT("sampler/typical", "");
ARCHLAB_CONTRACT("sampler/typical", "p: 1e-9");
ARCHLAB_CONTRACT("sampler/typical", "p: 0.5");
ARCHLAB_CONTRACT("sampler/typical", "p: 1");

std::vector<double> Kept(double p, std::vector<double> logits) {
  UnderTest<Sampler>("sampler/typical", "p: " + std::to_string(p))
      ->Apply({}, absl::MakeSpan(logits));
  return logits;
}

// Which tokens of the given probabilities stay.
std::vector<bool> Set(double p, const std::vector<double>& probabilities,
                      double shift = 0) {
  std::vector<double> logits;
  logits.reserve(probabilities.size());
  for (const double probability : probabilities)
    logits.push_back(std::log(probability) + shift);
  std::vector<bool> kept;
  for (const double logit : Kept(p, logits)) kept.push_back(logit != kRemoved);
  return kept;
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

// The definition on probabilities: takes the token of the least
// |-log p(v) - entropy| that is left, until tau is reached.
std::vector<double> Defined(double tau, const std::vector<double>& p) {
  double entropy = 0;
  for (const double value : p) entropy += value * std::log(1 / value);
  std::vector<double> result(p.size(), 0);
  double sum = 0;
  while (sum < tau) {
    size_t best = p.size();
    for (size_t id = 0; id < p.size(); ++id)
      if (result[id] == 0 &&
          (best == p.size() || std::abs(std::log(p[id]) + entropy) <
                                   std::abs(std::log(p[best]) + entropy)))
        best = id;
    sum += result[best] = p[best];
  }
  for (double& value : result) value /= sum;
  return result;
}

TEST(Typical, IsTheDefinition) {
  for (const uint64_t seed : {1, 2, 3}) {
    const std::vector<double> logits =
        TestTensor({300}, DType::kF64, seed, 2).ToVector();
    for (const double tau : {0.01, 0.2, 0.5, 0.95}) {
      const std::vector<double> expected = Defined(tau, Softmax(logits));
      const std::vector<double> p = Softmax(Kept(tau, logits));
      for (size_t id = 0; id < p.size(); ++id)
        EXPECT_NEAR(p[id], expected[id], 1e-14) << tau << " " << id;
    }
  }
}

// The entropy of 1/2, 1/4, 1/8, 1/16, 1/16 is 15/8 bits; the tokens' surprises
// are 1, 2, 3, 4, 4 bits, so the order is 1, 0, 2, 3, 4: not by probability.
TEST(Typical, TakesTheNearestToTheEntropyFirst) {
  const std::vector<double> p = {0.5, 0.25, 0.125, 0.0625, 0.0625};
  using Kept = std::vector<bool>;
  EXPECT_EQ(Set(0.2, p), (Kept{0, 1, 0, 0, 0}));
  EXPECT_EQ(Set(0.26, p), (Kept{1, 1, 0, 0, 0}));
  EXPECT_EQ(Set(0.74, p), (Kept{1, 1, 0, 0, 0}));
  EXPECT_EQ(Set(0.76, p), (Kept{1, 1, 1, 0, 0}));
  EXPECT_EQ(Set(0.9, p), (Kept{1, 1, 1, 1, 0}));
  EXPECT_EQ(Set(0.95, p), (Kept{1, 1, 1, 1, 1}));
  for (const double shift : {-1e4, 1e4})
    EXPECT_EQ(Set(0.2, p, shift), Set(0.2, p));
}

TEST(Typical, PrefersTheSmallerIdsOfEquals) {
  EXPECT_EQ(Set(0.5, {0.25, 0.25, 0.25, 0.25}),
            (std::vector<bool>{1, 1, 0, 0}));
}

TEST(Typical, OneKeepsEvenTheUnlikely) {
  EXPECT_EQ(Set(1, {1, 1e-300, 0}), (std::vector<bool>{1, 1, 0}));
}

// 1/4, 1/2 and 1/8 remain. With 2 degrees of freedom, the statistic is above
// 18.4 once in 10,000 times.
TEST(Typical, DrawsWithRenormalisedProbabilities) {
  const std::vector<double> logits = {std::log(0.5), std::log(0.25),
                                      std::log(0.125), std::log(0.0625),
                                      std::log(0.0625)};
  EXPECT_LT(
      DrawsChiSquare(Kept(0.8, logits), {4. / 7, 2. / 7, 1. / 7, 0, 0}, 100000),
      18.4);
}

}  // namespace
}  // namespace archlab
