// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The inverse-square-root schedule.

#include <algorithm>
#include <cmath>

#include "archlab/optimizer.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("schedule/inverse_sqrt", "");
ARCHLAB_CONTRACT("schedule/inverse_sqrt",
                 "learning_rate: 0.5 warmup_steps: 20");
ARCHLAB_CONTRACT("schedule/inverse_sqrt", "warmup_steps: 0");

// Equation 3 with the base model's width 512 and 4000 steps of warm-up, whose
// peak is 512^-0.5 4000^-0.5 = 6.987712429686843e-4.
TEST(InverseSqrt, IsThePapersEquation) {
  const UnderTest<Schedule> schedule(
      "schedule/inverse_sqrt",
      "learning_rate: 6.987712429686843e-4 warmup_steps: 3999");
  for (const int64_t step :
       {1, 2, 100, 3998, 3999, 4000, 4001, 8000, 100000, 300000})
    EXPECT_NEAR(schedule->LearningRate(step - 1, 100000),
                std::pow(512, -0.5) *
                    std::min(std::pow(step, -0.5), step * std::pow(4000, -1.5)),
                1e-17)
        << step;
}

TEST(InverseSqrt, PeaksAfterTheWarmUpAndFallsFromThereOn) {
  const UnderTest<Schedule> schedule("schedule/inverse_sqrt",
                                     "learning_rate: 0.5 warmup_steps: 4");
  for (int64_t step = 0; step < 4; ++step)
    EXPECT_DOUBLE_EQ(schedule->LearningRate(step, 100), 0.1 * (step + 1));
  EXPECT_EQ(schedule->LearningRate(4, 100), 0.5);
  EXPECT_DOUBLE_EQ(schedule->LearningRate(19, 100), 0.25);  // 4 times as late
  EXPECT_DOUBLE_EQ(schedule->LearningRate(499, 100), 0.05);
}

TEST(InverseSqrt, BeginsAtThePeakWithoutWarmUp) {
  const UnderTest<Schedule> schedule("schedule/inverse_sqrt",
                                     "learning_rate: 0.5 warmup_steps: 0");
  EXPECT_EQ(schedule->LearningRate(0, 100), 0.5);
  EXPECT_DOUBLE_EQ(schedule->LearningRate(24, 100), 0.1);
}

}  // namespace
}  // namespace archlab
