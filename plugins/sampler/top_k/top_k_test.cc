// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The k most likely tokens stay.

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

ARCHLAB_CONTRACT("sampler/top_k", "");
ARCHLAB_CONTRACT("sampler/top_k", "k: 1");
ARCHLAB_CONTRACT("sampler/top_k", "k: 3");

std::vector<double> Kept(int k, std::vector<double> logits) {
  UnderTest<Sampler>("sampler/top_k", "k: " + std::to_string(k))
      ->Apply({}, absl::MakeSpan(logits));
  return logits;
}

// Draws `count` times from softmax(logits) with a stream of Philox numbers, and
// compares the counts with `expected` probabilities: Pearson's statistic.
double ChiSquare(const std::vector<double>& logits,
                 const std::vector<double>& expected, int64_t count) {
  std::vector<double> weight;
  for (const double logit : logits) weight.push_back(std::exp(logit));
  const double total = std::accumulate(weight.begin(), weight.end(), 0.0);
  std::vector<int64_t> seen(logits.size(), 0);
  Random random(11, 0, SiteHash("chi square"));
  for (int64_t draw = 0; draw < count; ++draw) {
    double rest = random.Uniform() * total;
    size_t id = 0;
    while (id + 1 < weight.size() && rest >= weight[id]) rest -= weight[id++];
    ++seen[id];
  }
  double statistic = 0;
  for (size_t id = 0; id < logits.size(); ++id) {
    if (expected[id] == 0) {
      EXPECT_EQ(seen[id], 0) << "a removed token was drawn";
      continue;
    }
    const double mean = expected[id] * count;
    statistic += (seen[id] - mean) * (seen[id] - mean) / mean;
  }
  return statistic;
}

TEST(TopK, KeepsTheLargestAsTheyAre) {
  EXPECT_EQ(Kept(2, {1, 4, 2, 3}),
            (std::vector<double>{kRemoved, 4, kRemoved, 3}));
  EXPECT_EQ(Kept(4, {1, 4, 2, 3}), (std::vector<double>{1, 4, 2, 3}));
  EXPECT_EQ(Kept(1000, {1, 4}), (std::vector<double>{1, 4}));
}

TEST(TopK, PrefersTheSmallerIdsOfEquals) {
  EXPECT_EQ(Kept(2, {1, 2, 1, 1}),
            (std::vector<double>{1, 2, kRemoved, kRemoved}));
  EXPECT_EQ(Kept(3, std::vector<double>(5, 0)),
            (std::vector<double>{0, 0, 0, kRemoved, kRemoved}));
}

TEST(TopK, AgreesWithSorting) {
  const std::vector<double> logits =
      TestTensor({500}, DType::kF64, 1).ToVector();
  std::vector<double> sorted = logits;
  std::sort(sorted.rbegin(), sorted.rend());
  const std::vector<double> kept = Kept(40, logits);
  for (size_t id = 0; id < logits.size(); ++id)
    EXPECT_EQ(kept[id], logits[id] >= sorted[39] ? logits[id] : kRemoved);
}

// Three tokens with weights 1, 2, 5 of 8. With 2 degrees of freedom, the
// statistic is above 18.4 once in 10,000 times.
TEST(TopK, DrawsWithRenormalisedProbabilities) {
  const std::vector<double> logits = {std::log(1), std::log(0.5), std::log(5),
                                      std::log(2), std::log(0.9)};
  EXPECT_LT(ChiSquare(Kept(3, logits), {1. / 8, 0, 5. / 8, 2. / 8, 0}, 100000),
            18.4);
}

}  // namespace
}  // namespace archlab
