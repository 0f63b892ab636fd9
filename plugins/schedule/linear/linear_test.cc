// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The linear schedule.

#include <cmath>

#include "archlab/optimizer.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

ARCHLAB_CONTRACT("schedule/linear", "");
ARCHLAB_CONTRACT("schedule/linear",
                 "learning_rate: 0.5 min_learning_rate: 0.1 warmup_steps: 20");
ARCHLAB_CONTRACT("schedule/linear", "warmup_steps: 7 decay_steps: 7");

constexpr char kConfig[] =
    "learning_rate: 1e-3 min_learning_rate: 1e-4 warmup_steps: 100";

TEST(Linear, WarmsUpLinearly) {
  const UnderTest<Schedule> schedule("schedule/linear", kConfig);
  for (int64_t step = 0; step < 100; ++step)
    EXPECT_NEAR(schedule->LearningRate(step, 2000), 1e-3 * (step + 1) / 101,
                1e-15);
  EXPECT_DOUBLE_EQ(schedule->LearningRate(100, 2000), 1e-3);
}

TEST(Linear, FallsInAStraightLine) {
  const UnderTest<Schedule> schedule("schedule/linear", kConfig);
  for (int64_t step = 100; step < 2000; ++step)
    EXPECT_NEAR(schedule->LearningRate(step, 2000),
                1e-3 - 9e-4 * (step - 100) / 1900.0, 1e-15);
}

TEST(Linear, StaysAtTheFloor) {
  const UnderTest<Schedule> schedule("schedule/linear", kConfig);
  EXPECT_EQ(schedule->LearningRate(2000, 2000), 1e-4);
  EXPECT_EQ(schedule->LearningRate(5000, 2000), 1e-4);
  const UnderTest<Schedule> early("schedule/linear",
                                  std::string(kConfig) + " decay_steps: 500");
  EXPECT_GT(early->LearningRate(499, 2000), 1e-4);
  for (int64_t step = 500; step < 2000; ++step)
    EXPECT_EQ(early->LearningRate(step, 2000), 1e-4);
}

TEST(Linear, RefusesWhatContradictsItself) {
  const UnderTest<Schedule> rising(
      "schedule/linear", "learning_rate: 1e-4 min_learning_rate: 1e-3");
  EXPECT_THAT(rising.status().message(),
              HasSubstr("must be at most learning_rate, 0.0001, but is 0.001"));
  EXPECT_EQ(FieldErrorPath(rising.status()), "2");
  const UnderTest<Schedule> short_decay("schedule/linear",
                                        "warmup_steps: 10 decay_steps: 9");
  EXPECT_THAT(short_decay.status().message(),
              HasSubstr("must be at least warmup_steps, 10, but is 9"));
  EXPECT_EQ(FieldErrorPath(short_decay.status()), "4");
}

}  // namespace
}  // namespace archlab
