// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention with linear biases: slopes and table.

#include <cmath>
#include <vector>

#include "archlab/position.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("position/alibi", "");

Surroundings WithHeads(int64_t heads) {
  Surroundings at = TestSurroundings();
  at.heads = heads;
  return at;
}

// Slopes as seen at distance 1.
std::vector<double> Slopes(int64_t heads) {
  const UnderTest<Position> alibi("position/alibi", "", WithHeads(heads));
  const Tensor table = alibi->ScoreBias(1);  // [H, 3]
  std::vector<double> slopes;
  for (int64_t h = 0; h < heads; ++h) slopes.push_back(-table.At(3 * h + 2));
  return slopes;
}

// The paper's example: 8 heads have 1/2, 1/4, ..., 1/256.
TEST(Alibi, HasThePapersSlopes) {
  EXPECT_EQ(Slopes(8),
            (std::vector<double>{1. / 2, 1. / 4, 1. / 8, 1. / 16, 1. / 32,
                                 1. / 64, 1. / 128, 1. / 256}));
  EXPECT_EQ(Slopes(1), std::vector<double>{1. / 256});
  EXPECT_EQ(Slopes(16)[0], std::exp2(-0.5));
}

// 12 heads: the eight of 8 heads, then the 1st, 3rd, 5th, 7th of 16.
TEST(Alibi, FillsUpWhereHeadsAreNoPowerOfTwo) {
  std::vector<double> expected = Slopes(8);
  for (const double exponent : {0.5, 1.5, 2.5, 3.5})
    expected.push_back(std::exp2(-exponent));
  EXPECT_EQ(Slopes(12), expected);
  EXPECT_EQ(Slopes(3), (std::vector<double>{1. / 16, 1. / 256, 1. / 4}));
}

TEST(Alibi, FallsWithDistance) {
  const UnderTest<Position> alibi("position/alibi");
  const Tensor table = alibi->ScoreBias(6);  // [4, 13]
  for (int64_t h = 0; h < 4; ++h)
    for (int64_t d = -6; d <= 6; ++d)
      EXPECT_DOUBLE_EQ(table.At(h * 13 + 6 + d),
                       -std::abs(d) * std::exp2(-2.0 * (h + 1)));
}

TEST(Alibi, RefusesAStackWithoutHeads) {
  const UnderTest<Position> alibi("position/alibi", "", WithHeads(0));
  EXPECT_EQ(alibi.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace archlab
