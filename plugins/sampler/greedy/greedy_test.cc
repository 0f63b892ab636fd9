// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The most likely token stays.

#include <limits>
#include <vector>

#include "archlab/sampler.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

constexpr double kRemoved = -std::numeric_limits<double>::infinity();

ARCHLAB_CONTRACT("sampler/greedy", "");

std::vector<double> Greedily(std::vector<double> logits) {
  UnderTest<Sampler>("sampler/greedy")->Apply({}, absl::MakeSpan(logits));
  return logits;
}

TEST(Greedy, KeepsTheLargest) {
  EXPECT_EQ(Greedily({1, 3, 2}), (std::vector<double>{kRemoved, 3, kRemoved}));
  EXPECT_EQ(Greedily({kRemoved, -5}), (std::vector<double>{kRemoved, -5}));
}

TEST(Greedy, PrefersTheSmallerIdOfEquals) {
  EXPECT_EQ(Greedily({1, 2, 2}), (std::vector<double>{kRemoved, 2, kRemoved}));
}

TEST(Greedy, DrawsOneTokenOnly) {
  EXPECT_EQ(DrawsChiSquare(Greedily({1, 3, 2}), {0, 1, 0}, 100000), 0);
}

}  // namespace
}  // namespace archlab
