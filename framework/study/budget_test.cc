// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace archlab {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<double> Square(int64_t value) {
  return static_cast<double>(value) * static_cast<double>(value);
}

TEST(SolveBudget, FindsTheNearestFromEitherSide) {
  EXPECT_EQ(SolveBudget(10000, 1, 0.01, Square)->value, 100);
  EXPECT_EQ(SolveBudget(10120, 1, 0.02, Square)->value, 101);
  EXPECT_EQ(SolveBudget(10080, 1, 0.02, Square)->value, 100);
  EXPECT_EQ(SolveBudget(1, 1, 0, Square)->value, 1);
  EXPECT_EQ(SolveBudget(1e12, 1, 0, Square)->value, 1000000);
}

TEST(SolveBudget, TakesMultiplesOnly) {
  const auto solved = SolveBudget(10000, 32, 0.1, Square);
  ASSERT_TRUE(solved.ok()) << solved.status();
  EXPECT_EQ(solved->value, 96);
  EXPECT_EQ(solved->found, 9216);
}

TEST(SolveBudget, PassesOverValuesWithoutAModel) {
  // As heads that must divide the width.
  const BudgetAt at = [](int64_t value) -> absl::StatusOr<double> {
    if (value % 12 != 0) return absl::InvalidArgumentError("12 must divide it");
    return Square(value);
  };
  EXPECT_EQ(SolveBudget(10000, 1, 0.1, at)->value, 96);
  EXPECT_EQ(SolveBudget(11000, 1, 0.1, at)->value, 108);
}

TEST(SolveBudget, SaysWhatIsNearestWhereNothingMatches) {
  const auto solved = SolveBudget(10000, 64, 0.01, Square);
  EXPECT_EQ(solved.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(
      solved.status().message(),
      HasSubstr("no value comes within 1 % of 10000: below, 64 gives "
                "4096; above, 128 gives 16384. Raise budget.tolerance"));
}

TEST(SolveBudget, EndsWhereTheValueDoesNotMatter) {
  const BudgetAt at = [](int64_t) -> absl::StatusOr<double> { return 5; };
  EXPECT_FALSE(SolveBudget(10, 1, 0.01, at).ok());
  EXPECT_TRUE(SolveBudget(5, 1, 0.01, at).ok());
}

TEST(SolveBudget, NoModelAtAllIsThatError) {
  const BudgetAt at = [](int64_t) -> absl::StatusOr<double> {
    return absl::InvalidArgumentError("never");
  };
  EXPECT_THAT(SolveBudget(10, 1, 0.01, at).status().message(),
              HasSubstr("never"));
}

}  // namespace
}  // namespace archlab
