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
  EXPECT_THAT(error(Of({1}, {1}, {}, {}, {1})), HasSubstr("decoder"));
}

}  // namespace
}  // namespace archlab
