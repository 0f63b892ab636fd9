// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Collating: padding, defaults, and objectives that break their contract.

#include "data/collate.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Ids = std::vector<int32_t>;

Sample Of(Ids ids, Ids targets, std::vector<float> weights = {},
          Ids segments = {}, Ids decoder_ids = {}) {
  Sample sample;
  sample.ids = std::move(ids);
  sample.targets = std::move(targets);
  sample.weights = std::move(weights);
  sample.segments = std::move(segments);
  sample.decoder_ids = std::move(decoder_ids);
  return sample;
}

TEST(CollateTest, EqualRowsNeedNoPadding) {
  const Batch batch =
      Collate({Of({1, 2}, {2, 3}), Of({4, 5}, {5, 6})}, 10).value();
  EXPECT_EQ(batch.ids.shape(), Shape({2, 2}));
  EXPECT_THAT(batch.ids.ToVector(), ElementsAre(1, 2, 4, 5));
  EXPECT_THAT(batch.targets.ToVector(), ElementsAre(2, 3, 5, 6));
  EXPECT_THAT(batch.weights.ToVector(), ElementsAre(1, 1, 1, 1));
  EXPECT_FALSE(batch.segments.defined());
  EXPECT_FALSE(batch.positions.defined());
  EXPECT_EQ(batch.tokens, 4);
  EXPECT_EQ(batch.first_sample, 10);
}

TEST(CollateTest, ShortRowsArePadded) {
  const Batch batch =
      Collate({Of({1}, {2}), Of({3, 4, 5}, {4, 5, 6}, {0, 1, 0.5})}, 0).value();
  EXPECT_THAT(batch.ids.ToVector(), ElementsAre(1, 0, 0, 3, 4, 5));
  EXPECT_THAT(batch.targets.ToVector(), ElementsAre(2, 0, 0, 4, 5, 6));
  EXPECT_THAT(batch.weights.ToVector(), ElementsAre(1, 0, 0, 0, 1, 0.5));
  EXPECT_THAT(batch.segments.ToVector(), ElementsAre(0, -1, -1, 0, 0, 0));
  EXPECT_EQ(batch.tokens, 3);
}

TEST(CollateTest, SegmentsOfTheObjectiveStay) {
  const Batch batch =
      Collate({Of({1, 2}, {2, 3}, {}, {0, 1}), Of({4, 5}, {5, 6})}, 0).value();
  EXPECT_THAT(batch.segments.ToVector(), ElementsAre(0, 1, 0, 0));
}

TEST(CollateTest, BrokenSamplesAreRefused) {
  const auto error = [](const Sample& sample) {
    return std::string(Collate({sample}, 0).status().message());
  };
  EXPECT_THAT(error({}), HasSubstr("without ids"));
  EXPECT_THAT(error(Of({1, 2}, {1})), HasSubstr("1 targets"));
  EXPECT_THAT(error(Of({1, 2}, {})), HasSubstr("0 targets"));
  EXPECT_THAT(error(Of({1}, {1}, {}, {0, 0})), HasSubstr("2 segments"));
  EXPECT_THAT(error(Of({1}, {1}, {1, 1})), HasSubstr("2 weights"));
  EXPECT_THAT(error(Of({1}, {1}, {}, {}, {1, 2})), HasSubstr("2 decoder"));
  const auto mixed = Collate({Of({1}, {1}), Of({1}, {1}, {}, {}, {1})}, 0);
  EXPECT_THAT(std::string(mixed.status().message()),
              HasSubstr("with and without decoder"));
  const auto classes = Collate({Of({1, 2}, {1, 1})}, 0, {LossKind::kClass});
  EXPECT_THAT(std::string(classes.status().message()), HasSubstr("2 targets"));
  Sample image;
  image.patches = {1, 2, 3};
  image.targets = {0};
  const auto odd = Collate({image}, 0, {LossKind::kClass, 2});
  EXPECT_THAT(std::string(odd.status().message()), HasSubstr("no multiple"));
}

TEST(CollateTest, BothSidesOfEncoderDecoderSamplesArePadded) {
  const Batch batch =
      Collate(
          {Of({1, 2, 3}, {7}, {}, {}, {9}), Of({4}, {8, 9}, {}, {}, {5, 6})}, 0)
          .value();
  EXPECT_THAT(batch.ids.ToVector(), ElementsAre(1, 2, 3, 4, 0, 0));
  EXPECT_THAT(batch.segments.ToVector(), ElementsAre(0, 0, 0, 0, -1, -1));
  EXPECT_EQ(batch.decoder_ids.shape(), Shape({2, 2}));
  EXPECT_THAT(batch.decoder_ids.ToVector(), ElementsAre(9, 0, 5, 6));
  EXPECT_THAT(batch.decoder_segments.ToVector(), ElementsAre(0, -1, 0, 0));
  EXPECT_THAT(batch.targets.ToVector(), ElementsAre(7, 0, 8, 9));
  EXPECT_THAT(batch.weights.ToVector(), ElementsAre(1, 0, 1, 1));
  EXPECT_EQ(batch.tokens, 3);
}

TEST(CollateTest, ClassesAreOneTargetARow) {
  Sample a = Of({1, 2}, {3});
  a.token_types = {0, 1};
  const Batch batch =
      Collate({a, Of({4}, {1}, {0.0f})}, 0, {LossKind::kClass}).value();
  EXPECT_EQ(batch.targets.shape(), Shape({2}));
  EXPECT_THAT(batch.targets.ToVector(), ElementsAre(3, 1));
  EXPECT_THAT(batch.weights.ToVector(), ElementsAre(1, 0));
  EXPECT_THAT(batch.token_types.ToVector(), ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(batch.segments.ToVector(), ElementsAre(0, 0, 0, -1));
  EXPECT_EQ(batch.tokens, 1);
  EXPECT_FALSE(batch.decoder_ids.defined());
}

TEST(CollateTest, PatchesArePadded) {
  Sample a, b;
  a.patches = {1, 2, 3, 4};
  b.patches = {5, 6};
  a.targets = b.targets = {0};
  const Batch batch = Collate({a, b}, 0, {LossKind::kClass, 2}).value();
  EXPECT_FALSE(batch.ids.defined());
  EXPECT_EQ(batch.patches.shape(), Shape({2, 2, 2}));
  EXPECT_THAT(batch.patches.ToVector(), ElementsAre(1, 2, 3, 4, 5, 6, 0, 0));
  EXPECT_THAT(batch.segments.ToVector(), ElementsAre(0, 0, 0, -1));
}

TEST(CollateTest, PrefixesAreThereWhereARowHasOne) {
  Sample a = Of({1, 2}, {2, 3});
  EXPECT_FALSE(Collate({a}, 0)->prefix.defined());
  Sample b = a;
  b.prefix_tokens = 2;
  EXPECT_THAT(Collate({a, b}, 0)->prefix.ToVector(), ElementsAre(0, 2));
}

}  // namespace
}  // namespace archlab
