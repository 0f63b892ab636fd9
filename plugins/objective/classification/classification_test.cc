// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Classification: where the class token stands, pairs, images.

#include <vector>

#include "archlab/objective.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ARCHLAB_CONTRACT("objective/classification", "");
ARCHLAB_CONTRACT("objective/classification", "label_smoothing: 0.1");

constexpr int32_t kCls = 100, kSep = 101;

class ClassificationTest : public ::testing::Test {
 protected:
  static ObjectiveInput Input(int64_t tokens, bool decoder_only) {
    ObjectiveInput input;
    input.sequence_tokens = tokens;
    input.vocabulary = 100;
    input.decoder_only = decoder_only;
    input.special = {kCls, kSep};
    return input;
  }
  absl::StatusOr<Sample> Make(std::vector<int32_t> first,
                              std::vector<int32_t> second,
                              const ObjectiveInput& input) {
    Record record;
    record.ids = std::move(first);
    record.target_ids = std::move(second);
    record.label = 3;
    return objective_->Make(record, input, Random(1, 2, 3));
  }
  const UnderTest<Objective> objective_{"objective/classification"};
};

TEST_F(ClassificationTest, ATextStandsBetweenItsMarks) {
  const Sample sample = Make({1, 2}, {}, Input(16, false)).value();
  EXPECT_THAT(sample.ids, ElementsAre(kCls, 1, 2, kSep));
  EXPECT_THAT(sample.token_types, IsEmpty());
  EXPECT_THAT(sample.targets, ElementsAre(3));
  EXPECT_EQ(objective_->Loss().kind, LossKind::kClass);
}

TEST_F(ClassificationTest, APairHasTwoTypes) {
  const Sample sample = Make({1, 2}, {7}, Input(16, false)).value();
  EXPECT_THAT(sample.ids, ElementsAre(kCls, 1, 2, kSep, 7, kSep));
  EXPECT_THAT(sample.token_types, ElementsAre(0, 0, 0, 0, 1, 1));
}

TEST_F(ClassificationTest, ADecoderReadsTheClassTokenLast) {
  const Sample one = Make({1, 2}, {}, Input(16, true)).value();
  EXPECT_THAT(one.ids, ElementsAre(1, 2, kCls));
  const Sample two = Make({1, 2}, {7}, Input(16, true)).value();
  EXPECT_THAT(two.ids, ElementsAre(1, 2, kSep, 7, kCls));
}

TEST_F(ClassificationTest, LongTextsAreCutAndMarksStay) {
  EXPECT_THAT(Make({1, 2, 3, 4}, {}, Input(4, false))->ids,
              ElementsAre(kCls, 1, 2, kSep));
  EXPECT_THAT(Make({1, 2, 3, 4}, {7}, Input(5, false))->ids,
              ElementsAre(kCls, 1, kSep, 7, kSep));
  EXPECT_THAT(Make({1, 2, 3, 4}, {}, Input(3, true))->ids,
              ElementsAre(1, 2, kCls));
  EXPECT_EQ(Make({1}, {}, Input(2, false)).status().message(),
            "classification needs data.sequence_tokens of at least 3, but it "
            "is 2");
}

TEST_F(ClassificationTest, AnEmptyPatchIsTheClassToken) {
  ObjectiveInput input = Input(3, false);
  input.patch_elements = 2;
  Record record;
  record.label = 3;
  record.patches = {1, 2, 3, 4};
  const Random random(1, 2, 3);
  EXPECT_THAT(objective_->Make(record, input, random)->patches,
              ElementsAre(0, 0, 1, 2, 3, 4));
  const UnderTest<Objective> bare("objective/classification",
                                  "class_patch: false");
  EXPECT_EQ(bare->Make(record, input, random)->patches, record.patches);
  input.sequence_tokens = 2;
  EXPECT_EQ(objective_->Make(record, input, random).status().message(),
            "the image has 2 patches and a class patch, but "
            "data.sequence_tokens is 2");
  input.sequence_tokens = 3;
  input.decoder_only = true;
  EXPECT_THAT(objective_->Make(record, input, random)->patches,
              ElementsAre(1, 2, 3, 4, 0, 0));
}

TEST_F(ClassificationTest, NeedsALabelAndWritesNoText) {
  Record record;
  record.ids = {1};
  EXPECT_EQ(objective_->Make(record, Input(8, false), Random(1, 2, 3))
                .status()
                .message(),
            "classification needs a label; use a labelled dataset, such as "
            "[dataset/labelled]");
  EXPECT_FALSE(objective_->Prompt({1}, Input(8, true)).ok());
}

}  // namespace
}  // namespace archlab
