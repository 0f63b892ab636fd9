// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Statistics of a study: what the results of a few seeds allow to say.
//
// One number a seed and arm, taken as normal about the arm's mean: Student's t
// (Student, The Probable Error of a Mean, 1908). Arms are paired by seed, so
// that what a seed does to both cancels out.

#ifndef ARCHLAB_STATISTICS_H_
#define ARCHLAB_STATISTICS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace archlab {

struct Interval {
  double low = 0, high = 0;  // infinite where one number tells nothing
};

// The mean of an arm.
struct Estimate {
  int count = 0;         // seeds
  double mean = 0;       //
  double deviation = 0;  // of one seed, n - 1 in the denominator
  Interval interval;     // that covers the true mean with probability `level`
};
// At least one number.
Estimate EstimateMean(absl::Span<const double> values, double level = 0.95);

// An arm less the baseline.
struct Difference {
  int pairs = 0;
  double mean = 0;
  double deviation = 0;  // of the difference of one pair
  Interval interval;
  double p = 1;            // two-sided, of a difference of zero
  double error = 0;        // standard error of the mean difference
  double freedom = 0;      // degrees of freedom of its t
  bool identical = false;  // every pair is equal, bit for bit
};
// values[i] of both come from seed i.
Difference ComparePaired(absl::Span<const double> baseline,
                         absl::Span<const double> arm, double level = 0.95);
// Seeds of their own (Welch, Biometrika 34, 1947). `deviation` is that of a
// difference of one seed each.
Difference CompareUnpaired(absl::Span<const double> baseline,
                           absl::Span<const double> arm, double level = 0.95);

// What a difference means to the reader of a report.
enum class Verdict { kIdentical, kEquivalent, kBetter, kWorse, kInconclusive };
struct JudgePlan {
  double alpha = 0.05;
  bool smaller_is_better = true;  // a loss; not an accuracy
  // Differences up to this are of no interest; 0: all are.
  double margin = 0;
};
// `adjusted_p`: of the family that the arm is in. Equivalent: the interval lies
// within the margin, which is stricter than two one-sided tests at level alpha
// (Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987).
Verdict Judge(const Difference& difference, double adjusted_p,
              const JudgePlan& plan);

// Looking early: the levels of K looks, the k-th when a part `informed[k]` of
// all seeds is in. They add up to alpha, so that looking has at most that
// probability of a false finding; early looks take little (the spending
// function of Lan and DeMets, Biometrika 70, 1983, that acts as O'Brien and
// Fleming's bounds do). Increasing parts, the last is 1.
std::vector<double> SpendAlpha(double alpha, absl::Span<const double> informed);

// Results of the documents of an evaluation: sums over a document's tokens.
struct Documents {
  std::vector<double> baseline, arm;  // of the metric
  std::vector<double> tokens;
};
// The interval of sum(arm) / sum(tokens) less that of the baseline, if the
// documents were drawn anew (percentiles of the bootstrap: Efron, Annals of
// Statistics 7, 1979). It says nothing about other seeds.
Interval BootstrapDocuments(const Documents& documents, uint64_t seed,
                            double level = 0.95, int draws = 10000);

// p values adjusted so that one below alpha among all of a family, though none
// of the arms differs, has at most the probability alpha (Holm, Scandinavian
// Journal of Statistics 6, 1979). In the order given, at most 1.
std::vector<double> AdjustHolm(absl::Span<const double> p);

// The power of the paired test at level alpha to see a true difference.
double PowerOf(double effect, double deviation, int pairs, double alpha);
// The smallest true difference that it sees with probability `power`. Infinite
// for fewer than two pairs.
double DetectableEffect(double deviation, int pairs, double alpha,
                        double power = 0.8);
// The same for the test that made this difference, paired or not.
double DetectableEffect(const Difference& difference, double alpha,
                        double power = 0.8);
// Pairs that an effect needs; at most `most`, where more would be needed.
int PairsFor(double effect, double deviation, double alpha, double power,
             int most);

}  // namespace archlab

#endif  // ARCHLAB_STATISTICS_H_
