// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Learned positions: a row of the table is added.

#include "archlab/position.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

ARCHLAB_CONTRACT("position/learned", "");
ARCHLAB_CONTRACT("position/learned", "max_tokens: 40 init_std: 0.5");

TEST(Learned, AddsRowsOfTheTable) {
  const UnderTest<Position> position("position/learned");
  const Tensor table = position.ParameterValue("weight");
  ASSERT_EQ(table.shape(), (Shape{12, 16}));
  const Tensor x = TestTensor({1, 3, 16}, DType::kF64, 1);
  const Tensor y = position->Embed(x, TestPositions(1, 3, 9));
  for (int64_t i = 0; i < x.size(); ++i)
    EXPECT_DOUBLE_EQ(y.At(i), x.At(i) + table.At(9 * 16 + i));
}

TEST(Learned, HasTheLengthOfTheConfig) {
  EXPECT_EQ(UnderTest<Position>("position/learned")->MaxTokens(), 12);
  EXPECT_EQ(
      UnderTest<Position>("position/learned", "max_tokens: 40")->MaxTokens(),
      40);
}

TEST(Learned, RefusesATableThatIsTooShort) {
  const UnderTest<Position> position("position/learned", "max_tokens: 11");
  EXPECT_EQ(position.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      position.status().message(),
      HasSubstr("at least the training sequence, 12 tokens, but is 11"));
  EXPECT_EQ(FieldErrorPath(position.status()), "1");
}

TEST(Learned, TableDecaysButIsNoMatrix) {
  const UnderTest<Position> position("position/learned");
  EXPECT_TRUE(position.TraitsOf("weight").decay);
  EXPECT_FALSE(position.TraitsOf("weight").matrix);
}

}  // namespace
}  // namespace archlab
