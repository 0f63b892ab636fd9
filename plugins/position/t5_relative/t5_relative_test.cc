// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Relative biases: buckets worked out by hand, and the table.

#include <algorithm>
#include <vector>

#include "archlab/position.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

Surroundings Bidirectional() {
  Surroundings at = TestSurroundings();
  at.causal = false;
  return at;
}

ARCHLAB_CONTRACT("position/t5_relative", "");
ARCHLAB_CONTRACT("position/t5_relative", "buckets: 5 max_distance: 6");
ARCHLAB_CONTRACT("position/t5_relative", "buckets: 4 max_distance: 3",
                 Bidirectional());

// The bucket of query - key = d, for d = -reach .. reach, read off a table that
// holds its own row numbers.
std::vector<int64_t> Buckets(const std::string& config, const Surroundings& at,
                             int64_t reach) {
  const UnderTest<Position> position("position/t5_relative", config, at);
  Tensor table = position.ParameterValue("weight");  // [buckets, H]
  for (int64_t i = 0; i < table.size(); ++i) {
    const int64_t bucket = i / at.heads, head = i % at.heads;
    table.Set(i, double(bucket + 1000 * head));
  }
  const Tensor bias = position->ScoreBias(reach);  // [H, 2 reach + 1]
  std::vector<int64_t> buckets;
  for (int64_t i = 0; i < 2 * reach + 1; ++i) {
    buckets.push_back(int64_t(bias.At(i)));
    for (int64_t h = 1; h < at.heads; ++h)
      EXPECT_EQ(bias.At(h * (2 * reach + 1) + i), buckets.back() + 1000 * h);
  }
  return buckets;
}

// How many of `firsts`, the first distances of buckets 1, 2, ..., have been
// reached.
int64_t Reached(const std::vector<int64_t>& firsts, int64_t distance) {
  return std::upper_bound(firsts.begin(), firsts.end(), distance) -
         firsts.begin();
}

// 32 buckets: 0 .. 15 are exact, bucket 16 + k begins at 16 * 8^(k / 16): 18.2,
// 20.7, 23.6, ..., 112.4.
TEST(T5Relative, HasThePapersCausalBuckets) {
  const std::vector<int64_t> firsts = {
      1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
      19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113};
  const std::vector<int64_t> buckets = Buckets("", TestSurroundings(), 400);
  for (int64_t d = -400; d <= 400; ++d)
    EXPECT_EQ(buckets[400 + d], d < 0 ? 0 : Reached(firsts, d)) << d;
}

// 16 buckets a direction: 0 .. 7 are exact, bucket 8 + k begins at 8 * 2^(k/2):
// 11.3, 16, 22.6, 32, 45.3, 64, 90.5. Later keys have buckets from 16 on.
TEST(T5Relative, HasThePapersBucketsForBothDirections) {
  const std::vector<int64_t> firsts = {1,  2,  3,  4,  5,  6,  7, 8,
                                       12, 16, 23, 32, 46, 64, 91};
  const std::vector<int64_t> buckets = Buckets("", Bidirectional(), 400);
  for (int64_t d = -400; d <= 400; ++d)
    EXPECT_EQ(buckets[400 + d], Reached(firsts, std::abs(d)) + (d < 0 ? 16 : 0))
        << d;
}

// In its prefix a causal stack looks ahead, so it needs both directions.
TEST(T5Relative, APrefixHasBucketsForBothDirections) {
  Surroundings at = TestSurroundings();
  at.prefix = true;
  EXPECT_EQ(Buckets("", at, 50), Buckets("", Bidirectional(), 50));
}

TEST(T5Relative, HasOtherNumbersOfBuckets) {
  // 0, 1, 2 exact; then borders 3, 3 * 3^(1/3) = 4.3, 3 * 3^(2/3) = 6.2.
  const std::vector<int64_t> firsts = {1, 2, 3, 5, 7};
  const std::vector<int64_t> buckets =
      Buckets("buckets: 6 max_distance: 9", TestSurroundings(), 20);
  for (int64_t d = 0; d <= 20; ++d)
    EXPECT_EQ(buckets[20 + d], Reached(firsts, d)) << d;
}

// Growing, as in decoding, changes nothing.
TEST(T5Relative, DoesNotDependOnWhatWasAskedBefore) {
  const UnderTest<Position> asked("position/t5_relative");
  for (const int64_t reach : {0, 1, 2, 9, 3, 50}) {
    const UnderTest<Position> fresh("position/t5_relative");
    EXPECT_TRUE(SameBits(asked->ScoreBias(reach), fresh->ScoreBias(reach)));
  }
}

// All distances of a bucket add to its gradient.
TEST(T5Relative, TheTableCollectsGradients) {
  UnderTest<Position> position("position/t5_relative",
                               "buckets: 4 max_distance: 3");
  position.RequireGradients();
  Backward(SumAll(position->ScoreBias(5)));
  const Tensor gradient = position.ParameterValue("weight").grad();  // [4, H]
  // Distances -5 .. 0; 1; 2; 3 .. 5.
  const double counts[] = {6, 1, 1, 3};
  for (int64_t i = 0; i < 16; ++i) EXPECT_EQ(gradient.At(i), counts[i / 4]);
}

TEST(T5Relative, TableNeitherDecaysNorIsAMatrix) {
  const UnderTest<Position> position("position/t5_relative");
  EXPECT_EQ(position.ParameterValue("weight").shape(), (Shape{32, 4}));
  EXPECT_FALSE(position.TraitsOf("weight").decay);
  EXPECT_FALSE(position.TraitsOf("weight").matrix);
}

TEST(T5Relative, RefusesBucketsThatDoNotFit) {
  for (const auto& [config, at, said, field] :
       {std::tuple{"buckets: 7", Bidirectional(), "must be even", "1"},
        {"buckets: 2", Bidirectional(), "at least 4", "1"},
        {"max_distance: 16", TestSurroundings(), "must be above 16", "2"},
        {"max_distance: 8", Bidirectional(), "must be above 8", "2"}}) {
    const UnderTest<Position> position("position/t5_relative", config, at);
    EXPECT_EQ(position.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(position.status().message(), HasSubstr(said));
    EXPECT_EQ(FieldErrorPath(position.status()), field);
  }
}

TEST(T5Relative, RefusesAStackWithoutHeads) {
  Surroundings at = TestSurroundings();
  at.heads = 0;
  const UnderTest<Position> position("position/t5_relative", "", at);
  EXPECT_EQ(position.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace archlab
