// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// ForAllElements over tensors of all sizes.

#include <gtest/gtest.h>

#include <vector>

#include "archlab/optimizer.h"

namespace archlab {
namespace {

// Empty ones, small ones, and some that begin within a chunk and go over
// several.
TEST(ForAllElementsTest, VisitsEveryElementOnce) {
  std::vector<std::vector<float>> values;
  for (const size_t size : {0, 5, 40000, 0, 1, 17000, 3, 0})
    values.emplace_back(size, 0.0f);
  std::vector<OptimizerTensor> tensors(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    tensors[i].value = absl::MakeSpan(values[i]);
  ForAllElements(absl::MakeSpan(tensors),
                 [](OptimizerTensor& t, int64_t begin, int64_t end) {
                   EXPECT_LT(begin, end);
                   for (int64_t i = begin; i < end; ++i) t.value[i] += 1;
                 });
  for (const std::vector<float>& each : values)
    for (const float visits : each) ASSERT_EQ(visits, 1);
}

TEST(ForAllElementsTest, HasNothingToDoWithoutTensors) {
  ForAllElements({}, [](OptimizerTensor&, int64_t, int64_t) { FAIL(); });
}

}  // namespace
}  // namespace archlab
