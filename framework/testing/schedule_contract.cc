// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every learning-rate schedule keeps.

#include <cmath>

#include "archlab/optimizer.h"
#include "testing/contract.h"

namespace archlab {
namespace {

// Also past the last step: a resumed run may have been made longer.
void IsFiniteAndNotNegative(const ContractCase& c) {
  const auto schedule = c.Make<Schedule>();
  for (const int64_t steps : {1, 2, 3, 10, 1000})
    for (int64_t step = 0; step < steps + 5; ++step) {
      const double rate = schedule->LearningRate(step, steps);
      ASSERT_TRUE(std::isfinite(rate)) << step << " of " << steps;
      ASSERT_GE(rate, 0) << step << " of " << steps;
    }
}

// The rate is a function of the step alone, so that a resumed run goes on as if
// it had not stopped.
void DependsOnTheStepOnly(const ContractCase& c) {
  const auto schedule = c.Make<Schedule>();
  const auto resumed = c.Make<Schedule>();
  for (int64_t step = 0; step < 50; ++step) schedule->LearningRate(step, 100);
  for (int64_t step = 50; step < 100; ++step)
    EXPECT_EQ(resumed->LearningRate(step, 100),
              schedule->LearningRate(step, 100));
}

void LearnsSomething(const ContractCase& c) {
  const auto schedule = c.Make<Schedule>();
  double sum = 0;
  for (int64_t step = 0; step < 1000; ++step)
    sum += schedule->LearningRate(step, 1000);
  EXPECT_GT(sum, 0);
}

}  // namespace

Contract ScheduleContract() {
  return {{"IsFiniteAndNotNegative", IsFiniteAndNotNegative},
          {"DependsOnTheStepOnly", DependsOnTheStepOnly},
          {"LearnsSomething", LearnsSomething}};
}

}  // namespace archlab
