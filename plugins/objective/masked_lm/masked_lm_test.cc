// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Masked language modelling: how many tokens, which, and what they become.

#include <vector>

#include "archlab/objective.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;

ARCHLAB_CONTRACT("objective/masked_lm", "");
ARCHLAB_CONTRACT("objective/masked_lm", "frame: true share: 0.5");
ARCHLAB_CONTRACT("objective/masked_lm", "share: 1 mask: 0 random: 1");

constexpr int32_t kMask = 1000, kCls = 1001, kSep = 1002;

ObjectiveInput Input(int64_t tokens) {
  ObjectiveInput input;
  input.sequence_tokens = tokens;
  input.vocabulary = 1000;
  input.special = {kMask, kCls, kSep};
  return input;
}

// Tokens 100, 101, ...
Record Window(int64_t count) {
  Record record;
  for (int64_t i = 0; i < count; ++i) record.ids.push_back(int32_t(100 + i));
  return record;
}

TEST(MaskedLm, SharesAreThoseOfThePaper) {
  const UnderTest<Objective> objective("objective/masked_lm");
  EXPECT_EQ(objective->RecordTokens(200), 200);
  const Record record = Window(200);
  int chosen = 0, masked = 0, kept = 0;
  std::vector<int> times(200);
  for (uint64_t i = 0; i < 400; ++i) {
    const Sample sample =
        objective->Make(record, Input(200), Random(3, i, 0)).value();
    EXPECT_EQ(sample.targets, record.ids);
    int of_this = 0;
    for (int t = 0; t < 200; ++t) {
      if (sample.weights[t] == 0) {
        EXPECT_EQ(sample.ids[t], record.ids[t]);
        continue;
      }
      ++of_this;
      ++times[t];
      masked += sample.ids[t] == kMask;
      kept += sample.ids[t] == record.ids[t];
    }
    EXPECT_EQ(of_this, 30);  // 15 % of 200
    chosen += of_this;
  }
  // 12,000 tokens: standard deviations of 44 and 33.
  EXPECT_NEAR(masked, 0.8 * chosen, 220);
  EXPECT_NEAR(kept, 0.1001 * chosen, 165);  // a random one may be itself
  // 60 expected at each place, standard deviation 7.1.
  for (const int count : times) EXPECT_NEAR(count, 60, 36);
}

TEST(MaskedLm, AShortWindowHasOneTarget) {
  const UnderTest<Objective> objective("objective/masked_lm",
                                       "mask: 1 random: 0");
  const Sample sample =
      objective->Make(Window(2), Input(200), Random(3, 1, 0)).value();
  EXPECT_EQ(sample.weights[0] + sample.weights[1], 1);
  EXPECT_EQ(sample.ids[sample.weights[0] > 0 ? 0 : 1], kMask);
}

TEST(MaskedLm, AFrameIsNeverATarget) {
  const UnderTest<Objective> objective(
      "objective/masked_lm", "frame: true share: 1 mask: 1 random: 0");
  EXPECT_EQ(objective->RecordTokens(5), 3);
  const Sample sample =
      objective->Make(Window(3), Input(5), Random(3, 1, 0)).value();
  EXPECT_THAT(sample.ids, ElementsAre(kCls, kMask, kMask, kMask, kSep));
  EXPECT_THAT(sample.weights, ElementsAre(0, 1, 1, 1, 0));
  EXPECT_THAT(sample.targets, ElementsAre(0, 100, 101, 102, 0));
  EXPECT_THAT(objective->SpecialTokens(),
              ElementsAre("[MASK]", "[CLS]", "[SEP]"));
}

TEST(MaskedLm, WhatDoesNotAddUpIsRefused) {
  const UnderTest<Objective> objective("objective/masked_lm",
                                       "mask: 0.5 random: 0.75");
  EXPECT_EQ(objective.status().message(),
            "must be at most 0.5 beside mask, but is 0.75");
}

}  // namespace
}  // namespace archlab
