// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/analyze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "archlab/random.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

void AddArm(StudyResults* results, const std::string& name,
            const std::vector<double>& values) {
  StudyArm arm;
  arm.name = name;
  results->arms.push_back(arm);
  for (size_t i = 0; i < values.size(); ++i) {
    StudyRun run;
    run.arm = name;
    run.seed = static_cast<int64_t>(i) + 1;
    run.done = true;
    run.value = values[i];
    results->runs.push_back(run);
  }
}

StudyResults ThreeArms() {
  StudyResults results;
  results.metric = "validation loss";
  AddArm(&results, "base", {1.0, 2.0, 3.0, 4.0});
  AddArm(&results, "lower", {0.5, 1.49, 2.51, 3.5});
  AddArm(&results, "noisy", {2.0, 1.5, 3.5, 3.5});
  return results;
}

TEST(Analyze, PairsBySeed) {
  StudyResults results = ThreeArms();
  Analyze({}, &results);
  const StudyArm& lower = results.arms[1];
  ASSERT_TRUE(lower.difference);
  EXPECT_NEAR(lower.difference->mean, -0.5, 1e-12);
  EXPECT_EQ(lower.verdict, Verdict::kBetter);
  EXPECT_EQ(results.arms[2].verdict, Verdict::kInconclusive);
  EXPECT_THAT(results.verdict, HasSubstr("lower is better than base"));
  EXPECT_THAT(results.verdict, HasSubstr("of noisy against base the study can "
                                         "say nothing (a difference of"));
}

TEST(Analyze, LeavesOutSeedsThatOneArmLacks) {
  StudyResults results = ThreeArms();
  results.runs[1].done = false;  // base, seed 2
  Analyze({}, &results);
  EXPECT_EQ(results.arms[0].estimate->count, 3);
  EXPECT_EQ(results.arms[1].difference->pairs, 3);
  results.runs[2].value = NAN;  // base, seed 3
  Analyze({}, &results);
  EXPECT_EQ(results.arms[1].difference->pairs, 2);
}

// What is left of an arm that diverges on some seeds is no fair sample.
TEST(Analyze, ConcludesNothingFromSurvivors) {
  StudyResults results = ThreeArms();
  StudyRun failed;
  failed.arm = "lower";
  failed.seed = 5;
  failed.error = "loss is not finite";
  results.runs.push_back(failed);
  Analyze({}, &results);
  EXPECT_EQ(results.arms[1].verdict, Verdict::kInconclusive);
  EXPECT_THAT(results.verdict, HasSubstr("lower failed with 1 seed, so nothing "
                                         "is concluded of it"));
}

TEST(Analyze, NeverRanksWhatStandsApart) {
  StudyResults results = ThreeArms();
  results.arms[1].apart = "another objective";
  Analyze({}, &results);
  EXPECT_FALSE(results.arms[1].difference);
  EXPECT_TRUE(results.arms[1].estimate);
  EXPECT_THAT(results.verdict, ::testing::Not(HasSubstr("lower")));
}

TEST(Analyze, AccuracyIsBetterWhenLarger) {
  StudyResults results = ThreeArms();
  results.smaller_is_better = false;
  Analyze({}, &results);
  EXPECT_EQ(results.arms[1].verdict, Verdict::kWorse);
}

TEST(Analyze, IdenticalIsNoPartOfTheFamily) {
  StudyResults results = ThreeArms();
  Analyze({}, &results);
  const double alone = results.arms[1].adjusted_p;
  AddArm(&results, "same", {1.0, 2.0, 3.0, 4.0});
  Analyze({}, &results);
  EXPECT_EQ(results.arms[3].verdict, Verdict::kIdentical);
  EXPECT_EQ(results.arms[1].adjusted_p, alone);
}

TEST(Analyze, ALookSpendsItsPartOfAlpha) {
  StudyResults results = ThreeArms();
  Analyze({}, &results);
  const double all = results.arms[1].adjusted_p;
  const double width = results.arms[1].difference->interval.high -
                       results.arms[1].difference->interval.low;
  AnalysisPlan plan;
  plan.spent = {{"lower", 0.005}};
  Analyze(plan, &results);
  EXPECT_NEAR(results.arms[1].adjusted_p, 10 * all, 1e-12);
  EXPECT_GT(results.arms[1].difference->interval.high -
                results.arms[1].difference->interval.low,
            1.5 * width);
}

// y = a + b + 0.3 a b + noise: the interaction is what a and b together add.
TEST(Analyze, FindsAnInteraction) {
  StudyResults results;
  AnalysisPlan plan;
  plan.factors = {"a", "b"};
  plan.level_names = {{"0", "1"}, {"0", "1"}};
  for (int a = 0; a < 2; ++a)
    for (int b = 0; b < 2; ++b) {
      std::vector<double> values;
      for (int seed = 0; seed < 6; ++seed)
        values.push_back(a + b + 0.3 * a * b + 0.1 * seed +
                         0.001 * ((seed * 7 + a * 3 + b) % 5));
      AddArm(&results, "arm" + std::to_string(2 * a + b), values);
      plan.levels.push_back({a, b});
    }
  Analyze(plan, &results);
  ASSERT_EQ(results.interactions.size(), 3u);
  EXPECT_EQ(results.interactions[0].name, "a=1 (main effect)");
  EXPECT_NEAR(results.interactions[0].difference.mean, 1.15, 0.01);
  EXPECT_EQ(results.interactions[2].name, "a=1 x b=1");
  EXPECT_NEAR(results.interactions[2].difference.mean, 0.3, 0.01);
  EXPECT_LT(results.interactions[2].adjusted_p, 0.001);
}

// Four arms without any difference: a false finding among them must be rare,
// through the same code that reports use.
TEST(Analyze, FalseFindingsAreAsRareAsAlphaSays) {
  Random random(7, 0, SiteHash("analyze"));
  constexpr int kStudies = 800;
  int wrong = 0;
  for (int i = 0; i < kStudies; ++i) {
    StudyResults results;
    std::vector<double> seeds(5);
    for (double& each : seeds) each = random.Normal();
    for (const char* name : {"base", "a", "b", "c", "d"}) {
      std::vector<double> values;
      for (const double seed : seeds)
        values.push_back(seed + 0.2 * random.Normal());
      AddArm(&results, name, values);
    }
    Analyze({}, &results);
    bool found = false;
    for (const StudyArm& arm : results.arms)
      found |= arm.difference && arm.verdict != Verdict::kInconclusive;
    wrong += found;
  }
  EXPECT_LE(wrong, 0.07 * kStudies);
  EXPECT_GE(wrong, 0.01 * kStudies);
}

}  // namespace
}  // namespace archlab
