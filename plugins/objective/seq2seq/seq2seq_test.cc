// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sequence to sequence: both layouts, what is cut, prompts.

#include <vector>

#include "archlab/objective.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ARCHLAB_CONTRACT("objective/seq2seq", "");
ARCHLAB_CONTRACT("objective/seq2seq", "label_smoothing: 0.1");

constexpr int32_t kStart = 100, kEnd = 101, kSep = 102;

class Seq2seqTest : public ::testing::Test {
 protected:
  Sample Make(std::vector<int32_t> source, std::vector<int32_t> target,
              int64_t tokens, bool decoder_only) {
    Record record;
    record.ids = std::move(source);
    record.target_ids = std::move(target);
    return objective_
        ->Make(record, Input(tokens, decoder_only), Random(1, 2, 3))
        .value();
  }
  static ObjectiveInput Input(int64_t tokens, bool decoder_only) {
    ObjectiveInput input;
    input.sequence_tokens = tokens;
    input.vocabulary = 100;
    input.decoder_only = decoder_only;
    input.special = {kStart, kEnd, kSep};
    return input;
  }
  const UnderTest<Objective> objective_{"objective/seq2seq"};
};

TEST_F(Seq2seqTest, ASampleIsADocument) {
  EXPECT_EQ(objective_->RecordTokens(64), 0);
  EXPECT_THAT(objective_->SpecialTokens(),
              ElementsAre("[START]", "[END]", "[SEP]"));
}

TEST_F(Seq2seqTest, TheDecoderReadsTheTargetShiftedByAStartToken) {
  const Sample sample = Make({1, 2, 3}, {7, 8}, 16, false);
  EXPECT_THAT(sample.ids, ElementsAre(1, 2, 3, kEnd));
  EXPECT_THAT(sample.decoder_ids, ElementsAre(kStart, 7, 8));
  EXPECT_THAT(sample.targets, ElementsAre(7, 8, kEnd));
  EXPECT_THAT(sample.weights, IsEmpty());
}

TEST_F(Seq2seqTest, BothSidesAreCutToTheSequence) {
  const Sample sample = Make({1, 2, 3}, {7, 8, 9}, 3, false);
  EXPECT_THAT(sample.ids, ElementsAre(1, 2, kEnd));
  EXPECT_THAT(sample.decoder_ids, ElementsAre(kStart, 7, 8));
  EXPECT_THAT(sample.targets, ElementsAre(7, 8, 9));  // cut: no end
}

TEST_F(Seq2seqTest, InOneSequenceOnlyTheTargetCounts) {
  const Sample sample = Make({1, 2}, {7, 8}, 16, true);
  EXPECT_THAT(sample.ids, ElementsAre(1, 2, kSep, 7, 8));
  EXPECT_THAT(sample.targets, ElementsAre(2, kSep, 7, 8, kEnd));
  EXPECT_THAT(sample.weights, ElementsAre(0, 0, 1, 1, 1));
  EXPECT_THAT(sample.decoder_ids, IsEmpty());
  EXPECT_EQ(sample.prefix_tokens, 0);
}

TEST_F(Seq2seqTest, InOneSequenceTheLongerSideIsCutFirst) {
  const Sample sample = Make({1, 2, 3, 4, 5}, {7, 8}, 5, true);
  EXPECT_THAT(sample.ids, ElementsAre(1, 2, kSep, 7, 8));
  EXPECT_THAT(sample.targets, ElementsAre(2, kSep, 7, 8, kEnd));
  const Sample target = Make({1}, {6, 7, 8, 9}, 4, true);
  EXPECT_THAT(target.ids, ElementsAre(1, kSep, 6, 7));
  EXPECT_THAT(target.targets, ElementsAre(kSep, 6, 7, 8));
  const Sample both = Make({1, 2, 3, 4}, {6, 7, 8, 9}, 5, true);
  EXPECT_THAT(both.ids, ElementsAre(1, 2, kSep, 6, 7));
}

TEST_F(Seq2seqTest, PromptsAreWhatASampleBeginsWith) {
  const PromptIds one = objective_->Prompt({1, 2}, Input(8, true)).value();
  EXPECT_THAT(one.ids, ElementsAre(1, 2, kSep));
  EXPECT_THAT(one.decoder_ids, IsEmpty());
  EXPECT_EQ(one.end_id, kEnd);
  const PromptIds two = objective_->Prompt({1, 2}, Input(8, false)).value();
  EXPECT_THAT(two.ids, ElementsAre(1, 2, kEnd));
  EXPECT_THAT(two.decoder_ids, ElementsAre(kStart));
  EXPECT_EQ(two.end_id, kEnd);
}

// A prompt is not cut to a training sample's length without a word.
TEST_F(Seq2seqTest, PromptsAreWhole) {
  EXPECT_THAT(objective_->Prompt({1, 2, 3, 4}, Input(3, false))->ids,
              ElementsAre(1, 2, 3, 4, kEnd));
}

TEST_F(Seq2seqTest, ARecordWithoutATargetIsRefused) {
  Record record;
  record.ids = {1};
  EXPECT_EQ(objective_->Make(record, Input(8, true), Random(1, 2, 3))
                .status()
                .message(),
            "sequence to sequence needs a target; use a dataset of pairs, such "
            "as [dataset/pairs]");
}

TEST_F(Seq2seqTest, TheSourceIsLearnedOnRequest) {
  const UnderTest<Objective> whole("objective/seq2seq",
                                   "train_on_source: true");
  Record record;
  record.ids = {1, 2};
  record.target_ids = {7};
  const Sample sample =
      whole->Make(record, Input(8, true), Random(1, 2, 3)).value();
  EXPECT_THAT(sample.ids, ElementsAre(1, 2, kSep, 7));
  EXPECT_THAT(sample.targets, ElementsAre(2, kSep, 7, kEnd));
  EXPECT_THAT(sample.weights, IsEmpty());
  EXPECT_EQ(
      whole->Make(record, Input(8, false), Random(1, 2, 3)).status().message(),
      "an encoder reads the whole source at once, so that there is nothing to "
      "learn from it; leave out `train_on_source`");
}

TEST_F(Seq2seqTest, HandsOnTheSmoothing) {
  const UnderTest<Objective> smooth("objective/seq2seq",
                                    "label_smoothing: 0.1");
  EXPECT_EQ(smooth->Loss().label_smoothing, 0.1);
  EXPECT_EQ(smooth->Loss().kind, LossKind::kTokens);
}

}  // namespace
}  // namespace archlab
