// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Span corruption: T5's lengths, and that nothing is lost.

#include <algorithm>
#include <map>
#include <vector>

#include "archlab/objective.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;

ARCHLAB_CONTRACT("objective/span_corruption", "");
ARCHLAB_CONTRACT("objective/span_corruption",
                 "density: 0.5 mean_span: 1 label_smoothing: 0.1");
ARCHLAB_CONTRACT("objective/span_corruption", "density: 0.9 mean_span: 10");

constexpr int32_t kStart = 1000, kEnd = 1001, kSentinel = 1002;

ObjectiveInput Input(int64_t tokens) {
  ObjectiveInput input;
  input.sequence_tokens = tokens;
  input.vocabulary = 1000;
  for (int32_t i = 0; i < 102; ++i) input.special.push_back(kStart + i);
  return input;
}

Record Window(int64_t count) {
  Record record;
  for (int64_t i = 0; i < count; ++i) record.ids.push_back(int32_t(i));
  return record;
}

// Tokens 0, 1, 2, ... of both sides, put together again.
std::vector<int32_t> Restored(const Sample& sample) {
  std::map<int32_t, std::vector<int32_t>> spans;
  int32_t sentinel = -1;
  for (const int32_t id : sample.targets) {
    if (id >= kSentinel) sentinel = id;
    if (id < 1000) spans[sentinel].push_back(id);
  }
  std::vector<int32_t> all;
  for (const int32_t id : sample.ids) {
    if (id < 1000) all.push_back(id);
    const auto found = spans.find(id);
    if (found != spans.end())
      all.insert(all.end(), found->second.begin(), found->second.end());
  }
  return all;
}

// The published T5 reads 568 tokens for 512 inputs, and has 114 targets.
TEST(SpanCorruption, LengthsAreThoseOfT5) {
  const UnderTest<Objective> objective("objective/span_corruption");
  EXPECT_EQ(objective->RecordTokens(512), 568);
  const Sample sample =
      objective->Make(Window(568), Input(512), Random(3, 1, 0)).value();
  EXPECT_EQ(sample.ids.size(), 512u);
  EXPECT_EQ(sample.targets.size(), 114u);
  EXPECT_EQ(sample.decoder_ids.size(), 114u);
}

TEST(SpanCorruption, BothSidesTogetherAreTheWindow) {
  const UnderTest<Objective> objective("objective/span_corruption",
                                       "density: 0.4 mean_span: 2");
  for (uint64_t i = 0; i < 50; ++i) {
    const Record record = Window(1 + int64_t(i));
    const Sample sample =
        objective->Make(record, Input(100), Random(3, i, 0)).value();
    EXPECT_EQ(Restored(sample), record.ids);
    EXPECT_EQ(sample.ids.back(), kEnd);
    EXPECT_EQ(sample.targets.back(), kEnd);
    EXPECT_EQ(sample.targets.front(), kSentinel);
    EXPECT_EQ(sample.decoder_ids.front(), kStart);
    EXPECT_TRUE(std::equal(sample.decoder_ids.begin() + 1,
                           sample.decoder_ids.end(), sample.targets.begin()));
  }
}

TEST(SpanCorruption, EveryDivisionIsAsLikely) {
  // 4 tokens taken out in 2 spans: 1 + 3, 2 + 2 or 3 + 1.
  const UnderTest<Objective> objective("objective/span_corruption",
                                       "density: 0.5 mean_span: 2");
  std::map<int64_t, int> first;
  for (uint64_t i = 0; i < 3000; ++i) {
    const Sample sample =
        objective->Make(Window(8), Input(100), Random(3, i, 0)).value();
    ASSERT_EQ(sample.targets.size(), 7u);
    const auto second =
        std::find(sample.targets.begin(), sample.targets.end(), kSentinel + 1);
    ++first[second - sample.targets.begin() - 1];
  }
  // Standard deviation 26.
  ASSERT_EQ(first.size(), 3u);
  for (const auto& [length, count] : first) EXPECT_NEAR(count, 1000, 130);
}

TEST(SpanCorruption, TooFewSentinelsSayHowMany) {
  const UnderTest<Objective> objective("objective/span_corruption",
                                       "sentinels: 2 mean_span: 1");
  EXPECT_EQ(objective->SpecialTokens().back(), "<extra_1>");
  EXPECT_EQ(
      objective->Make(Window(20), Input(100), Random(3, 1, 0))
          .status()
          .message(),
      "a window of 20 tokens has 3 spans; set training.objective.sentinels to "
      "as many (it is 2)");
  EXPECT_EQ(
      objective->Make(Window(9), Input(2), Random(3, 1, 0)).status().message(),
      "span corruption of 9 tokens needs data.sequence_tokens of 10, but it is "
      "2");
}

TEST(SpanCorruption, PromptsEndAsInputsDo) {
  const UnderTest<Objective> objective("objective/span_corruption");
  const PromptIds prompt = objective->Prompt({1, 2}, Input(10)).value();
  EXPECT_THAT(prompt.ids, ElementsAre(1, 2, kEnd));
  EXPECT_THAT(prompt.decoder_ids, ElementsAre(kStart));
  EXPECT_EQ(prompt.end_id, kEnd);
}

}  // namespace
}  // namespace archlab
