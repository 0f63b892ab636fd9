// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/statistics.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "archlab/check.h"
#include "archlab/random.h"

namespace archlab {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Nothing here throws: what overflows is infinite, what has no value is NaN.
using Policy = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::pole_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<
        boost::math::policies::ignore_error>,
    boost::math::policies::rounding_error<boost::math::policies::ignore_error>>;
using StudentsT = boost::math::students_t_distribution<double, Policy>;
using ChiSquared = boost::math::chi_squared_distribution<double, Policy>;
using NonCentralT = boost::math::non_central_t_distribution<double, Policy>;

double Mean(absl::Span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(values.size());
}

double Variance(absl::Span<const double> values, double mean) {
  if (values.size() < 2) return 0;
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size() - 1);
}

// t that a two-sided test at level alpha asks for.
double Critical(double freedom, double alpha) {
  return boost::math::quantile(
      boost::math::complement(StudentsT(freedom), alpha / 2));
}

Interval Around(double mean, double error, double freedom, double level) {
  if (freedom <= 0) return {-kInfinity, kInfinity};
  const double half = Critical(freedom, 1 - level) * error;
  return {mean - half, mean + half};
}

// Of |t| at least as large. Where all pairs have the same difference, t is
// infinite; what is certain then is that their signs would all agree by chance
// once in 2^(n - 1).
double TwoSided(double mean, double error, double freedom, size_t pairs) {
  if (mean == 0) return 1;
  if (freedom <= 0) return 1;
  if (error == 0) return std::ldexp(1, 1 - static_cast<int>(pairs));
  return 2 * boost::math::cdf(boost::math::complement(StudentsT(freedom),
                                                      std::abs(mean / error)));
}

}  // namespace

Estimate EstimateMean(absl::Span<const double> values, double level) {
  ARCHLAB_CHECK(!values.empty());
  Estimate result;
  result.count = static_cast<int>(values.size());
  result.mean = Mean(values);
  result.deviation = std::sqrt(Variance(values, result.mean));
  result.interval =
      Around(result.mean, result.deviation / std::sqrt(result.count),
             result.count - 1, level);
  return result;
}

Difference ComparePaired(absl::Span<const double> baseline,
                         absl::Span<const double> arm, double level) {
  ARCHLAB_CHECK_EQ(baseline.size(), arm.size());
  ARCHLAB_CHECK(!arm.empty());
  std::vector<double> differences;
  for (size_t i = 0; i < arm.size(); ++i)
    differences.push_back(arm[i] - baseline[i]);
  const Estimate mean = EstimateMean(differences, level);
  Difference result;
  result.pairs = mean.count;
  result.mean = mean.mean;
  result.deviation = mean.deviation;
  result.interval = mean.interval;
  result.error = mean.deviation / std::sqrt(mean.count);
  result.freedom = mean.count - 1;
  result.p = TwoSided(mean.mean, result.error, result.freedom, arm.size());
  result.identical = std::equal(arm.begin(), arm.end(), baseline.begin());
  return result;
}

Difference CompareUnpaired(absl::Span<const double> baseline,
                           absl::Span<const double> arm, double level) {
  ARCHLAB_CHECK(!baseline.empty() && !arm.empty());
  const Estimate a = EstimateMean(baseline, level),
                 b = EstimateMean(arm, level);
  const double va = a.deviation * a.deviation / a.count;
  const double vb = b.deviation * b.deviation / b.count;
  Difference result;
  result.pairs = std::min(a.count, b.count);
  result.mean = b.mean - a.mean;
  result.deviation = std::hypot(a.deviation, b.deviation);
  double freedom = 0;
  if (result.pairs > 1)
    freedom = va + vb == 0
                  ? a.count + b.count - 2
                  : (va + vb) * (va + vb) /
                        (va * va / (a.count - 1) + vb * vb / (b.count - 1));
  const double error = std::sqrt(va + vb);
  result.error = error;
  result.freedom = freedom;
  result.interval = Around(result.mean, error, freedom, level);
  result.p = TwoSided(result.mean, error, freedom, result.pairs);
  return result;
}

Verdict Judge(const Difference& difference, double adjusted_p,
              const JudgePlan& plan) {
  if (difference.identical) return Verdict::kIdentical;
  const Interval& interval = difference.interval;
  if (plan.margin > 0 && interval.low >= -plan.margin &&
      interval.high <= plan.margin)
    return Verdict::kEquivalent;
  if (!(adjusted_p < plan.alpha)) return Verdict::kInconclusive;
  return (difference.mean < 0) == plan.smaller_is_better ? Verdict::kBetter
                                                         : Verdict::kWorse;
}

std::vector<double> SpendAlpha(double alpha,
                               absl::Span<const double> informed) {
  const boost::math::normal_distribution<double, Policy> normal;
  const double z =
      boost::math::quantile(boost::math::complement(normal, alpha / 2));
  std::vector<double> levels;
  double spent = 0;
  for (const double part : informed) {
    ARCHLAB_CHECK(part > 0 && part <= 1);
    const double total = 2 * boost::math::cdf(boost::math::complement(
                                 normal, z / std::sqrt(part)));
    levels.push_back(std::max(0.0, total - spent));
    spent = std::max(spent, total);
  }
  return levels;
}

Interval BootstrapDocuments(const Documents& documents, uint64_t seed,
                            double level, int draws) {
  const size_t count = documents.tokens.size();
  ARCHLAB_CHECK(count > 0 && documents.arm.size() == count &&
                documents.baseline.size() == count);
  std::vector<double> found;
  for (int draw = 0; draw < draws; ++draw) {
    Random random(seed, static_cast<uint64_t>(draw), SiteHash("bootstrap"));
    double difference = 0, tokens = 0;
    for (size_t i = 0; i < count; ++i) {
      const auto at = random.Below(static_cast<int64_t>(count));
      difference += documents.arm[at] - documents.baseline[at];
      tokens += documents.tokens[at];
    }
    found.push_back(difference / tokens);
  }
  std::sort(found.begin(), found.end());
  const auto at = [&found](double part) {
    const auto last = static_cast<double>(found.size() - 1);
    return found[static_cast<size_t>(std::lround(part * last))];
  };
  return {at((1 - level) / 2), at((1 + level) / 2)};
}

std::vector<double> AdjustHolm(absl::Span<const double> p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [p](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double least = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    least = std::max(least, p[order[i]] * static_cast<double>(p.size() - i));
    adjusted[order[i]] = std::min(1.0, least);
  }
  return adjusted;
}

namespace {

// The power of a t test with this standard error.
double PowerOfT(double effect, double error, double freedom, double alpha) {
  if (freedom <= 0) return 0;
  if (error == 0) return effect != 0;
  const double t = Critical(freedom, alpha);
  if (!std::isfinite(t)) return 0;
  const double shift = std::abs(effect) / error;
  // So far out, only the deviation's own error matters; the series of the
  // noncentral t would not end.
  constexpr double kFar = 1000;
  if (shift > kFar) {
    const double ratio = std::min(shift / t, 1e100);
    return boost::math::cdf(ChiSquared(freedom), freedom * ratio * ratio);
  }
  const NonCentralT distribution(freedom, shift);
  return boost::math::cdf(boost::math::complement(distribution, t)) +
         boost::math::cdf(distribution, -t);
}

double DetectableOfT(double error, double freedom, double alpha, double power) {
  if (freedom <= 0) return kInfinity;
  if (error == 0) return 0;
  double low = 0, high = error;
  while (PowerOfT(high, error, freedom, alpha) < power) {
    high *= 2;
    if (!std::isfinite(high)) return kInfinity;
  }
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (PowerOfT(middle, error, freedom, alpha) < power ? low : high) = middle;
  }
  return high;
}

}  // namespace

double PowerOf(double effect, double deviation, int pairs, double alpha) {
  return PowerOfT(effect, deviation / std::sqrt(pairs), pairs - 1, alpha);
}

double DetectableEffect(double deviation, int pairs, double alpha,
                        double power) {
  return DetectableOfT(deviation / std::sqrt(pairs), pairs - 1, alpha, power);
}

double DetectableEffect(const Difference& difference, double alpha,
                        double power) {
  return DetectableOfT(difference.error, difference.freedom, alpha, power);
}

int PairsFor(double effect, double deviation, double alpha, double power,
             int most) {
  int pairs = 2;
  while (pairs < most && PowerOf(effect, deviation, pairs, alpha) < power)
    ++pairs;
  return pairs;
}

}  // namespace archlab
