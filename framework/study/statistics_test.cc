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
      const Difference found = ComparePaired(Arm(random, seeds, 0),
                                             Arm(random, seeds, effect));
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

}  // namespace
}  // namespace archlab
