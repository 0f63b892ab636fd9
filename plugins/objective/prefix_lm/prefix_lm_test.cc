// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Prefix language modelling: what the prefix is and what counts.

#include <map>
#include <vector>

#include "archlab/objective.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;

ARCHLAB_CONTRACT("objective/prefix_lm", "");
ARCHLAB_CONTRACT("objective/prefix_lm", "pairs: true label_smoothing: 0.1");

constexpr int32_t kEnd = 100, kSep = 101;

ObjectiveInput Input(int64_t tokens) {
  ObjectiveInput input;
  input.sequence_tokens = tokens;
  input.vocabulary = 100;
  input.decoder_only = true;
  input.special = {kEnd, kSep};
  return input;
}

TEST(PrefixLm, NoTargetIsSeenByWhatPredictsIt) {
  const UnderTest<Objective> objective("objective/prefix_lm");
  EXPECT_EQ(objective->RecordTokens(4), 5);
  Record record;
  record.ids = {5, 6, 7, 8, 9};
  std::map<int64_t, int> lengths;
  for (uint64_t i = 0; i < 4000; ++i) {
    const Sample sample =
        objective->Make(record, Input(4), Random(3, i, 0)).value();
    EXPECT_THAT(sample.ids, ElementsAre(5, 6, 7, 8));
    EXPECT_THAT(sample.targets, ElementsAre(6, 7, 8, 9));
    ++lengths[sample.prefix_tokens];
    // Position t predicts token t + 1, which the prefix holds up to its end.
    for (int64_t t = 0; t < 4; ++t)
      EXPECT_EQ(sample.weights[t] > 0, t + 1 >= sample.prefix_tokens);
  }
  // Standard deviation 27.
  ASSERT_EQ(lengths.size(), 4u);
  for (const auto& [length, count] : lengths) EXPECT_NEAR(count, 1000, 140);
}

TEST(PrefixLm, TheSourceOfAPairIsThePrefix) {
  const UnderTest<Objective> objective("objective/prefix_lm", "pairs: true");
  EXPECT_EQ(objective->RecordTokens(16), 0);
  Record record;
  record.ids = {1, 2};
  record.target_ids = {7, 8};
  const Sample sample =
      objective->Make(record, Input(16), Random(3, 1, 0)).value();
  EXPECT_THAT(sample.ids, ElementsAre(1, 2, kSep, 7, 8));
  EXPECT_THAT(sample.targets, ElementsAre(2, kSep, 7, 8, kEnd));
  EXPECT_THAT(sample.weights, ElementsAre(0, 0, 1, 1, 1));
  EXPECT_EQ(sample.prefix_tokens, 3);
  record.target_ids.clear();
  EXPECT_FALSE(objective->Make(record, Input(16), Random(3, 1, 0)).ok());
}

TEST(PrefixLm, AWholePromptIsPrefix) {
  const UnderTest<Objective> text("objective/prefix_lm");
  const PromptIds open = text->Prompt({1, 2}, Input(8)).value();
  EXPECT_THAT(open.ids, ElementsAre(1, 2));
  EXPECT_EQ(open.prefix_tokens, 2);
  EXPECT_EQ(open.end_id, -1);
  const UnderTest<Objective> pairs("objective/prefix_lm", "pairs: true");
  const PromptIds closed = pairs->Prompt({1, 2}, Input(8)).value();
  EXPECT_THAT(closed.ids, ElementsAre(1, 2, kSep));
  EXPECT_EQ(closed.prefix_tokens, 3);
  EXPECT_EQ(closed.end_id, kEnd);
}

}  // namespace
}  // namespace archlab
