// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Checks, statuses and parallel loops.

#include <gtest/gtest.h>
#include <omp.h>

#include <vector>

#include "archlab/check.h"
#include "archlab/parallel_for.h"
#include "archlab/status.h"

namespace archlab {
namespace {

TEST(CheckDeathTest, NamesConditionOperandsAndModule) {
  const std::string path = "decoder.3.attention";
  const ModuleScope scope(path);
  EXPECT_DEATH(ARCHLAB_CHECK_EQ(1 + 1, 3) << "extra",
               "1 \\+ 1 == 3 \\(2 against 3\\) in module decoder.3.attention "
               "extra");
}

TEST(ModuleScopeDeathTest, InnerScopeEnds) {
  const std::string outer = "outer", inner = "inner";
  const ModuleScope scope(outer);
  { const ModuleScope nested(inner); }
  EXPECT_DEATH(ARCHLAB_CHECK(false), "in module outer");
}

TEST(StatusTest, FieldErrorKeepsItsPath) {
  const absl::Status status = FieldError({1, 23}, "must be positive");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "must be positive");
  EXPECT_EQ(FieldErrorPath(status), "1.23");
  EXPECT_EQ(FieldErrorPath(absl::InternalError("x")), "");
}

absl::StatusOr<int> Half(int x) {
  if (x % 2 != 0) return absl::InvalidArgumentError("odd");
  return x / 2;
}
absl::StatusOr<int> Quarter(int x) {
  ARCHLAB_ASSIGN_OR_RETURN(const int half, Half(x));
  ARCHLAB_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

TEST(StatusTest, MacrosPassValuesAndErrors) {
  EXPECT_EQ(Quarter(12).value(), 3);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
}

TEST(ParallelForTest, VisitsEveryElementOnceInFixedChunks) {
  for (const int threads : {1, 2, 3}) {
    omp_set_num_threads(threads);
    for (const int64_t n : {0, 1, 7, 8, 9, 100}) {
      std::vector<int> visits(n, 0);
      ParallelFor(n, 8, [&](int64_t begin, int64_t end) {
        EXPECT_EQ(begin % 8, 0);
        EXPECT_EQ(end, std::min<int64_t>(n, begin + 8));
        for (int64_t i = begin; i < end; ++i) ++visits[i];
      });
      for (const int count : visits) EXPECT_EQ(count, 1);
    }
  }
  omp_set_num_threads(1);
}

TEST(ParallelForTest, NestedLoopsAreSerial) {
  omp_set_num_threads(2);
  std::vector<int> inner_threads(4, 0);
  ParallelFor(
      4, 1, [&](int64_t i, int64_t) { inner_threads[i] = ParallelThreads(); });
  omp_set_num_threads(1);
  EXPECT_EQ(inner_threads, std::vector<int>(4, 1));
}

}  // namespace
}  // namespace archlab
