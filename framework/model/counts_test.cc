// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/counts.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "model/pairs.h"

namespace archlab {
namespace {

class Dense final : public Attention {};

class Window final : public Attention {
 public:
  bool Sees(int64_t query, int64_t key) const override {
    return std::abs(query - key) < 4;
  }
  int64_t MaxDistance() const override { return 3; }
};

// A query sees its own block of 64 and the first key of each.
class Blocks final : public Attention {
 public:
  bool Sees(int64_t query, int64_t key) const override {
    return query / 64 == key / 64 || key % 64 == 0;
  }
};

TEST(Pairs, OfShortSequencesAreExact) {
  const PairCount causal = CountInteractions(Dense(), true, 1000);
  EXPECT_EQ(causal.pairs, 1000 * 1001 / 2);
  EXPECT_FALSE(causal.sampled);
  EXPECT_EQ(CountInteractions(Dense(), false, 1000).pairs, 1000 * 1000);
  EXPECT_EQ(CountInteractions(Window(), false, 10).pairs, 70 - 2 * 6);
  EXPECT_EQ(CountInteractions(Dense(), true, 1).pairs, 1);
}

TEST(Pairs, OfAWindowAreExactInLongSequencesToo) {
  const int64_t tokens = 1 << 20;
  const PairCount window = CountInteractions(Window(), true, tokens);
  EXPECT_EQ(window.pairs, 4.0 * tokens - 6);
  EXPECT_FALSE(window.sampled);
}

TEST(Pairs, OfLongSequencesAreNearlyRight) {
  const double tokens = 1 << 17;
  const PairCount dense = CountInteractions(Dense(), true, 1 << 17);
  EXPECT_TRUE(dense.sampled);
  EXPECT_NEAR(dense.pairs / (tokens * (tokens + 1) / 2), 1, 1e-4);
  // Block b: 64 queries with 65 / 2 keys of its own and b earlier firsts.
  const double blocks = tokens / 64;
  const double expected = blocks * 64 * 65 / 2 + 64 * blocks * (blocks - 1) / 2;
  EXPECT_NEAR(CountInteractions(Blocks(), true, 1 << 17).pairs / expected, 1,
              0.01);
}

TEST(Counts, SumsThatAreTooLargeAreTheLargest) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  CountRow row;
  row.parameters = kMost / 2;
  row.activation_bytes = kMost / 2 + 1;
  ModelCounts counts;
  counts.rows = {row, row};
  AddTotal(counts);
  EXPECT_EQ(counts.total.parameters, kMost - 1);
  EXPECT_EQ(counts.total.activation_bytes, kMost);
}

}  // namespace
}  // namespace archlab
