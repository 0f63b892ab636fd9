// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The constant schedule.

#include "archlab/optimizer.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("schedule/constant", "");
ARCHLAB_CONTRACT("schedule/constant", "learning_rate: 0.5 warmup_steps: 20");

TEST(Constant, StaysAfterTheWarmUp) {
  const UnderTest<Schedule> schedule("schedule/constant",
                                     "learning_rate: 0.5 warmup_steps: 4");
  for (int64_t step = 0; step < 4; ++step)
    EXPECT_DOUBLE_EQ(schedule->LearningRate(step, 100), 0.1 * (step + 1));
  for (int64_t step = 4; step < 100; ++step)
    EXPECT_EQ(schedule->LearningRate(step, 100), 0.5);
}

}  // namespace
}  // namespace archlab
