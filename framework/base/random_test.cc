// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Philox against the published known answers, and the streams built on it.

#include "archlab/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace archlab {
namespace {

using testing::ElementsAre;

// From the kat_vectors file of Random123.
TEST(PhiloxTest, GivesThePublishedAnswers) {
  EXPECT_THAT(Philox({0, 0, 0, 0}, {0, 0}),
              ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  EXPECT_THAT(Philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                     {0xffffffff, 0xffffffff}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(Philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                     {0xa4093822, 0x299f31d0}),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

// The standard FNV-1a answers.
TEST(SiteHashTest, IsFnv1a) {
  EXPECT_EQ(SiteHash(""), 0xcbf29ce484222325u);
  EXPECT_EQ(SiteHash("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(SiteHash("foobar"), 0x85944171f73967e8u);
}

TEST(RandomTest, NextWordsAreTheBlocksInOrder) {
  Random random(1, 2, 3);
  const Random fixed = random;
  for (uint64_t i = 0; i < 9; ++i) {
    EXPECT_EQ(random.NextU32(), fixed.Block(i / 4)[i % 4]) << i;
  }
}

TEST(RandomTest, NumbersAreMadeOfTheNextWordsWhereverTheStreamStands) {
  const Random start(3, 4, 5);
  for (uint64_t skip = 0; skip < 9; ++skip) {
    Random words = start.Skip(skip), pairs = words, normals = words;
    const auto next = [&words] {
      const uint64_t low = words.NextU32();
      return low | uint64_t(words.NextU32()) << 32;
    };
    for (int i = 0; i < 3; ++i) {
      const uint64_t first = next(), second = next();
      EXPECT_EQ(pairs.NextU64(), first);
      EXPECT_EQ(pairs.NextU64(), second);
      const double u = double(first >> 11) * 0x1p-53;
      const double v = double(second >> 11) * 0x1p-53;
      EXPECT_EQ(normals.Normal(), std::sqrt(-2 * std::log1p(-u)) *
                                      std::cos(6.283185307179586 * v));
    }
    EXPECT_EQ(pairs.position(), words.position());
    EXPECT_EQ(normals.position(), words.position());
  }
}

TEST(RandomTest, EveryKeyPartChangesTheNumbers) {
  const auto block = Random(1, 2, 3).Block(0);
  EXPECT_NE(block, Random(9, 2, 3).Block(0));
  EXPECT_NE(block, Random(1, 9, 3).Block(0));
  EXPECT_NE(block, Random(1, 2, 9).Block(0));
  EXPECT_NE(block, Random(1, 2, 3).Block(1));
  EXPECT_NE(block, Random(1, 2, 3).Split(3).Block(0));
  EXPECT_NE(block, Random(1, 3, 2).Block(0));
}

TEST(RandomTest, BelowIsUnbiased) {
  Random random(5, 0, 0);
  constexpr int kDraws = 30000, kClasses = 3;
  int counts[kClasses] = {};
  for (int i = 0; i < kDraws; ++i) ++counts[random.Below(kClasses)];
  for (const int count : counts) {
    // Standard deviation 82; five of them.
    EXPECT_NEAR(count, kDraws / kClasses, 410);
  }
  EXPECT_EQ(random.Below(1), 0u);
}

TEST(RandomTest, NormalHasUnitMoments) {
  Random random(6, 0, 0);
  constexpr int kDraws = 40000;
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.Normal();
    sum += x, squares += x * x, fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 5 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(fourth / kDraws, 3, 5 * std::sqrt(96.0 / kDraws));
}

}  // namespace
}  // namespace archlab
