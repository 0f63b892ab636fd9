// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Next-token prediction.

#include <vector>

#include "archlab/objective.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("objective/causal_lm", "");
ARCHLAB_CONTRACT("objective/causal_lm", "label_smoothing: 0.1");

Random AnyRandom() { return Random(1, 2, 3); }

TEST(CausalLm, ShiftsByOne) {
  const UnderTest<Objective> objective("objective/causal_lm");
  EXPECT_EQ(objective->RecordTokens(64), 65);
  Record record;
  record.ids = {5, 6, 7, 8};
  const auto sample = objective->Make(record, {}, AnyRandom());
  ASSERT_TRUE(sample.ok());
  EXPECT_EQ(sample->ids, (std::vector<int32_t>{5, 6, 7}));
  EXPECT_EQ(sample->targets, (std::vector<int32_t>{6, 7, 8}));
  EXPECT_EQ(sample->weights, (std::vector<float>{1, 1, 1}));
  EXPECT_EQ(sample->prefix_tokens, 0);
}

TEST(CausalLm, NeedsTwoTokens) {
  const UnderTest<Objective> objective("objective/causal_lm");
  Record record;
  EXPECT_FALSE(objective->Make(record, {}, AnyRandom()).ok());
  record.ids = {5};
  EXPECT_FALSE(objective->Make(record, {}, AnyRandom()).ok());
  record.ids = {5, 6};
  EXPECT_TRUE(objective->Make(record, {}, AnyRandom()).ok());
}

TEST(CausalLm, HandsOnTheSmoothing) {
  const UnderTest<Objective> plain("objective/causal_lm");
  EXPECT_EQ(plain->Loss().kind, LossKind::kTokens);
  EXPECT_EQ(plain->Loss().label_smoothing, 0);
  const UnderTest<Objective> smooth("objective/causal_lm",
                                    "label_smoothing: 0.1");
  EXPECT_EQ(smooth->Loss().label_smoothing, 0.1);
}

}  // namespace
}  // namespace archlab
