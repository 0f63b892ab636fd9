// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Tables of textbooks, and 20,000 studies with known effects.

#include "study/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "archlab/random.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;

constexpr int kStudies = 20000;

// Student's own data: hours of sleep that two drugs gave ten patients
// (Biometrika 6, 1908). Mean difference 1.58, t = 4.0621, p = 0.002833.
const std::vector<double> kFirst = {0.7, -1.6, -0.2, -1.2, -0.1,
                                    3.4, 3.7,  0.8,  0.0,  2.0};
const std::vector<double> kSecond = {1.9, 0.8, 1.1, 0.1, -0.1,
                                     4.4, 5.5, 1.6, 4.6, 3.4};

TEST(Statistics, StudentsSleepPaired) {
  const Difference found = ComparePaired(kFirst, kSecond);
  EXPECT_EQ(found.pairs, 10);
  EXPECT_NEAR(found.mean, 1.58, 1e-12);
  EXPECT_NEAR(found.mean / (found.deviation / std::sqrt(10)), 4.0621, 5e-5);
  EXPECT_NEAR(found.p, 0.002833, 5e-7);
  EXPECT_NEAR(found.interval.low, 0.7001142, 5e-7);
  EXPECT_NEAR(found.interval.high, 2.4598858, 5e-7);
  EXPECT_FALSE(found.identical);
}

// Welch's test of the same: t = 1.8608 with 17.776 degrees, p = 0.07939.
TEST(Statistics, StudentsSleepUnpaired) {
  const Difference found = CompareUnpaired(kFirst, kSecond);
  EXPECT_NEAR(found.mean, 1.58, 1e-12);
  EXPECT_NEAR(found.p, 0.07939, 5e-6);
  EXPECT_NEAR(found.interval.low, -0.2054832, 5e-6);
  EXPECT_NEAR(found.interval.high, 3.3654832, 5e-6);
}

TEST(Statistics, OneSeedTellsNothing) {
  const Estimate mean = EstimateMean({3.0});
  EXPECT_EQ(mean.mean, 3);
  EXPECT_EQ(mean.interval.low, -std::numeric_limits<double>::infinity());
  const Difference found = ComparePaired({3.0}, {4.0});
  EXPECT_EQ(found.p, 1);
  EXPECT_EQ(found.interval.high, std::numeric_limits<double>::infinity());
  EXPECT_EQ(DetectableEffect(1, 1, 0.05),
            std::numeric_limits<double>::infinity());
}

TEST(Statistics, EqualResultsAreIdenticalAndEqualDifferencesAreNotCertain) {
  const Difference same = ComparePaired({1.0, 2.0}, {1.0, 2.0});
  EXPECT_TRUE(same.identical);
  EXPECT_EQ(same.p, 1);
  EXPECT_EQ(same.interval.low, 0);
  const Difference shifted = ComparePaired({1.0, 2.0, 3.0}, {2.0, 3.0, 4.0});
  EXPECT_FALSE(shifted.identical);
  EXPECT_EQ(shifted.p, 0.25);  // never 0
}

// Holm's procedure by hand: 0.01 x 4, 0.02 x 3, then at least as large.
TEST(Statistics, HolmAdjustsInOrder) {
  EXPECT_THAT(AdjustHolm({0.02, 0.6, 0.01, 0.025}),
              ElementsAre(testing::DoubleEq(0.06), testing::DoubleEq(0.6),
                          testing::DoubleEq(0.04), testing::DoubleEq(0.06)));
  EXPECT_THAT(AdjustHolm({0.7, 0.8}), ElementsAre(1.0, 1.0));
  EXPECT_TRUE(AdjustHolm({}).empty());
}

// Textbook: a paired test of 34 pairs sees half a deviation with 80 % power.
TEST(Statistics, PowerIsThatOfTheTables) {
  EXPECT_EQ(PairsFor(0.5, 1, 0.05, 0.8, 1000), 34);
  EXPECT_NEAR(PowerOf(0.5, 1, 34, 0.05), 0.8078, 5e-4);
  EXPECT_EQ(PairsFor(0.5, 1, 0.05, 0.8, 20), 20);
  const double effect = DetectableEffect(2, 5, 0.05);
  EXPECT_NEAR(PowerOf(effect, 2, 5, 0.05), 0.8, 1e-9);
}

// Results of `seeds` seeds; the deviation of a paired difference is 1.
std::vector<double> Arm(Random& random, int seeds, double mean) {
  std::vector<double> values;
  for (int i = 0; i < seeds; ++i)
    values.push_back(mean + random.Normal() / std::sqrt(2));
  return values;
}

TEST(Statistics, IntervalsCoverAndTheSmallestEffectIsSeen) {
  for (const int seeds : {3, 5, 10}) {
    Random random(1, 2, static_cast<uint64_t>(seeds));
    const double effect = DetectableEffect(1, seeds, 0.05);
    int covered = 0, seen = 0;
    for (int i = 0; i < kStudies; ++i) {
      const Difference found =
          ComparePaired(Arm(random, seeds, 0), Arm(random, seeds, effect));
      covered += found.interval.low <= effect && effect <= found.interval.high;
      seen += found.p < 0.05;
    }
    EXPECT_NEAR(covered, 0.95 * kStudies, 0.01 * kStudies) << seeds;
    EXPECT_NEAR(seen, 0.80 * kStudies, 0.05 * kStudies) << seeds;
  }
}

TEST(Statistics, AFamilyWithoutEffectsRarelyHasOne) {
  Random random(3, 4, 5);
  int wrong = 0;
  for (int i = 0; i < kStudies; ++i) {
    const std::vector<double> baseline = Arm(random, 5, 0);
    std::vector<double> p;
    for (int arm = 0; arm < 4; ++arm)
      p.push_back(ComparePaired(baseline, Arm(random, 5, 0)).p);
    for (const double each : AdjustHolm(p))
      if (each < 0.05) {
        ++wrong;
        break;
      }
  }
  EXPECT_LE(wrong, 0.055 * kStudies);
  EXPECT_GE(wrong, 0.02 * kStudies);  // and it is no test that never speaks
}

TEST(Statistics, Verdicts) {
  Difference found;
  found.mean = -0.2;
  found.interval = {-0.3, -0.1};
  const auto verdict = [&found](double p, double margin, bool smaller = true) {
    return Judge(
        found, p,
        {.alpha = 0.05, .smaller_is_better = smaller, .margin = margin});
  };
  EXPECT_EQ(verdict(0.01, 0), Verdict::kBetter);
  EXPECT_EQ(verdict(0.01, 0, false), Verdict::kWorse);
  EXPECT_EQ(verdict(0.05, 0), Verdict::kInconclusive);
  EXPECT_EQ(verdict(0.01, 0.3), Verdict::kEquivalent);
  EXPECT_EQ(verdict(0.01, 0.29), Verdict::kBetter);
  found.mean = 0.2;
  EXPECT_EQ(verdict(0.01, 0), Verdict::kWorse);
  found.identical = true;
  EXPECT_EQ(verdict(1, 0), Verdict::kIdentical);
}

// O'Brien and Fleming's looks take little early: two looks at 5 % (Jennison and
// Turnbull, 2000, table 7.1 gives 0.00305 one-sided for the half at 2.5 %).
TEST(Statistics, LooksSpendAlpha) {
  const auto levels = SpendAlpha(0.05, {0.5, 1.0});
  EXPECT_NEAR(levels[0], 0.0056, 5e-5);
  EXPECT_NEAR(levels[0] + levels[1], 0.05, 1e-12);
  EXPECT_THAT(SpendAlpha(0.05, {1.0}), ElementsAre(testing::DoubleEq(0.05)));
}

// A family of four arms without effects, looked at after 3, 5 and 8 seeds.
TEST(Statistics, LookingEarlyKeepsTheErrorOfTheFamily) {
  Random random(6, 7, 8);
  const std::vector<int> looks = {3, 5, 8};
  const auto levels = SpendAlpha(0.05, {3. / 8, 5. / 8, 1.0});
  int wrong = 0;
  for (int i = 0; i < kStudies; ++i) {
    const std::vector<double> baseline = Arm(random, 8, 0);
    std::vector<std::vector<double>> arms;
    for (int arm = 0; arm < 4; ++arm) arms.push_back(Arm(random, 8, 0));
    bool found = false;
    for (size_t k = 0; k < looks.size(); ++k) {
      std::vector<double> p;
      for (const auto& arm : arms)
        p.push_back(ComparePaired(absl::MakeSpan(baseline).first(looks[k]),
                                  absl::MakeSpan(arm).first(looks[k]))
                        .p);
      for (const double each : AdjustHolm(p)) found |= each < levels[k];
    }
    wrong += found;
  }
  EXPECT_LE(wrong, 0.055 * kStudies);
  EXPECT_GE(wrong, 0.01 * kStudies);
}

// Documents of known spread: the interval has the width that theory says, and
// covers the true difference 95 times of 100.
TEST(Statistics, TheBootstrapCovers) {
  Random random(9, 10, 11);
  int covered = 0;
  double width = 0;
  constexpr int kTimes = 300, kDocuments = 200;
  for (int i = 0; i < kTimes; ++i) {
    Documents documents;
    for (int d = 0; d < kDocuments; ++d) {
      documents.tokens.push_back(10);
      documents.baseline.push_back(random.Normal());
      documents.arm.push_back(documents.baseline.back() + 5 + random.Normal());
    }
    const Interval found =
        BootstrapDocuments(documents, static_cast<uint64_t>(i), 0.95, 500);
    covered += found.low <= 0.5 && 0.5 <= found.high;
    width += (found.high - found.low) / kTimes;
  }
  EXPECT_NEAR(covered, 0.95 * kTimes, 0.04 * kTimes);
  EXPECT_NEAR(width, 2 * 1.96 * 0.1 / std::sqrt(kDocuments), 0.001);
}

// Levels of very early looks ask for effects of thousands of deviations.
TEST(Statistics, DetectableEffectAtTinyLevels) {
  // Two pairs: t has one degree of freedom, so P(|t| > x) ~ 2 / (pi x), and the
  // deviation must come out as small as it does with 80 % probability.
  const double found = DetectableEffect(1, 2, 1e-9);
  EXPECT_GT(found, 1e8);
  EXPECT_LT(found, 1e10);
  EXPECT_NEAR(PowerOf(found, 1, 2, 1e-9), 0.8, 0.001);
  EXPECT_NEAR(PowerOf(2000, 1, 3, 1e-5), PowerOf(1999, 1, 3, 1e-5), 1e-3);
  EXPECT_EQ(PowerOf(1e300, 1, 5, 0.05), 1);
}

}  // namespace
}  // namespace archlab
