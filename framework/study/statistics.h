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
  bool identical = false;  // every pair is equal, bit for bit
};
// values[i] of both come from seed i.
Difference ComparePaired(absl::Span<const double> baseline,
                         absl::Span<const double> arm, double level = 0.95);
// Seeds of their own (Welch, Biometrika 34, 1947). `deviation` is that of a
// difference of one seed each.
Difference CompareUnpaired(absl::Span<const double> baseline,
                           absl::Span<const double> arm, double level = 0.95);

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
// Pairs that an effect needs; at most `most`, where more would be needed.
int PairsFor(double effect, double deviation, double alpha, double power,
             int most);

}  // namespace archlab

#endif  // ARCHLAB_STATISTICS_H_
