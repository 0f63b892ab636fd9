// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The order of documents.

#include "data/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace archlab {
namespace {

std::vector<int64_t> Lengths(int64_t count) {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < count; ++i) lengths.push_back(i * 37 % 101);
  return lengths;
}

std::vector<int64_t> Take(const DocumentOrder& order, uint64_t seed,
                          int64_t first, int64_t count) {
  std::vector<int64_t> taken;
  for (int64_t i = 0; i < count; ++i)
    taken.push_back(order.At(seed, first + i));
  return taken;
}

TEST(DocumentOrder, EveryEpochHasEveryDocumentInAnotherOrder) {
  const DocumentOrder order(Lengths(100), 0);
  EXPECT_EQ(order.EpochSamples(), 100);
  const auto first = Take(order, 7, 0, 100);
  const auto second = Take(order, 7, 100, 100);
  EXPECT_EQ(std::set<int64_t>(first.begin(), first.end()).size(), 100u);
  EXPECT_EQ(std::set<int64_t>(second.begin(), second.end()).size(), 100u);
  EXPECT_NE(first, second);
  EXPECT_NE(first, Take(order, 8, 0, 100));
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
}

TEST(DocumentOrder, ASampleDependsOnSeedAndIndexOnly) {
  const DocumentOrder a(Lengths(30), 4), b(Lengths(30), 4);
  const auto forward = Take(a, 3, 0, 120);
  for (int64_t i = 119; i >= 0; --i) {
    b.At(4, i / 2);  // others in between
    EXPECT_EQ(b.At(3, i), forward[i]);
  }
}

TEST(DocumentOrder, GroupsAreOfLikeLength) {
  const std::vector<int64_t> lengths = Lengths(1000);
  const DocumentOrder order(lengths, 16);
  EXPECT_EQ(order.EpochSamples(), 992);  // 62 groups
  std::vector<int64_t> means;
  for (int64_t epoch = 0; epoch < 2; ++epoch) {
    std::set<int64_t> seen;
    for (int64_t group = 0; group < 62; ++group) {
      const auto taken = Take(order, 1, epoch * 992 + group * 16, 16);
      seen.insert(taken.begin(), taken.end());
      int64_t least = 1000, most = 0;
      for (const int64_t document : taken) {
        least = std::min(least, lengths[document]);
        most = std::max(most, lengths[document]);
      }
      EXPECT_LE(most - least, 4);  // of 101 lengths, 10 documents each
      means.push_back(least);
    }
    EXPECT_EQ(seen.size(), 992u);
  }
  EXPECT_FALSE(std::is_sorted(means.begin(), means.begin() + 62));
}

TEST(DocumentOrder, AGroupThatIsLargerThanTheCorpusIsTheCorpus) {
  const DocumentOrder order(Lengths(5), 100);
  const auto taken = Take(order, 1, 0, 5);
  EXPECT_EQ(std::set<int64_t>(taken.begin(), taken.end()).size(), 5u);
}

}  // namespace
}  // namespace archlab
