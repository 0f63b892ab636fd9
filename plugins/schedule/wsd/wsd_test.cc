// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The schedule of warm-up, stable and decay.

#include "archlab/optimizer.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

ARCHLAB_CONTRACT("schedule/wsd", "");
ARCHLAB_CONTRACT("schedule/wsd",
                 "learning_rate: 0.5 min_learning_rate: 0.1 warmup_steps: 20");
ARCHLAB_CONTRACT("schedule/wsd", "warmup_steps: 7 decay_share: 1");
ARCHLAB_CONTRACT("schedule/wsd", "decay_share: 0");

constexpr char kConfig[] =
    "learning_rate: 1e-3 min_learning_rate: 1e-4 warmup_steps: 100 "
    "decay_share: 0.2";

TEST(Wsd, HasThreeParts) {
  const UnderTest<Schedule> schedule("schedule/wsd", kConfig);
  for (int64_t step = 0; step < 100; ++step)
    EXPECT_NEAR(schedule->LearningRate(step, 2000), 1e-3 * (step + 1) / 101,
                1e-15);
  for (int64_t step = 100; step <= 1600; ++step)
    EXPECT_EQ(schedule->LearningRate(step, 2000), 1e-3);
  for (int64_t step = 1600; step < 2000; ++step)
    EXPECT_NEAR(schedule->LearningRate(step, 2000),
                1e-3 - 9e-4 * (step - 1600) / 400.0, 1e-15);
  EXPECT_EQ(schedule->LearningRate(2000, 2000), 1e-4);
  EXPECT_EQ(schedule->LearningRate(5000, 2000), 1e-4);
}

// What a longer training does before its decay, a shorter one has done too.
TEST(Wsd, LongerTrainingsBeginAlike) {
  const UnderTest<Schedule> schedule("schedule/wsd", kConfig);
  for (int64_t step = 0; step <= 1600; ++step)
    EXPECT_EQ(schedule->LearningRate(step, 2000),
              schedule->LearningRate(step, 9000));
}

TEST(Wsd, DecaysAfterTheWarmUpAtTheEarliest) {
  const UnderTest<Schedule> schedule(
      "schedule/wsd", "learning_rate: 1 warmup_steps: 50 decay_share: 1");
  EXPECT_LT(schedule->LearningRate(49, 100), 1);
  EXPECT_EQ(schedule->LearningRate(50, 100), 1);
  EXPECT_DOUBLE_EQ(schedule->LearningRate(75, 100), 0.5);
}

TEST(Wsd, StaysWithoutDecay) {
  const UnderTest<Schedule> schedule("schedule/wsd",
                                     "learning_rate: 1 decay_share: 0");
  for (int64_t step = 0; step < 200; ++step)
    EXPECT_EQ(schedule->LearningRate(step, 100), 1);
}

TEST(Wsd, RefusesAFloorAboveThePeak) {
  const UnderTest<Schedule> rising(
      "schedule/wsd", "learning_rate: 1e-4 min_learning_rate: 1e-3");
  EXPECT_THAT(rising.status().message(),
              HasSubstr("must be at most learning_rate, 0.0001, but is 0.001"));
  EXPECT_EQ(FieldErrorPath(rising.status()), "2");
}

}  // namespace
}  // namespace archlab
