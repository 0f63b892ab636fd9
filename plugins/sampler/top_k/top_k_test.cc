// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The k most likely tokens stay.

#include <algorithm>
#include <cmath>
#include <limits>
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
  EXPECT_LT(
      DrawsChiSquare(Kept(3, logits), {1. / 8, 0, 5. / 8, 2. / 8, 0}, 100000),
      18.4);
}

}  // namespace
}  // namespace archlab
