// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Draws against probabilities.

#include <algorithm>
#include <cmath>
#include <vector>

#include "archlab/testing.h"

namespace archlab {

double DrawsChiSquare(const std::vector<double>& logits,
                      const std::vector<double>& expected, int64_t count) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> weight;
  double total = 0;
  for (const double logit : logits) {
    weight.push_back(std::exp(logit - largest));
    total += weight.back();
  }
  std::vector<int64_t> seen(logits.size(), 0);
  Random random(11, 0, SiteHash("chi square"));
  for (int64_t draw = 0; draw < count; ++draw) {
    double rest = random.Uniform() * total;
    size_t id = 0;
    while (id + 1 < weight.size() && rest >= weight[id]) rest -= weight[id++];
    ++seen[id];
  }
  double statistic = 0;
  for (size_t id = 0; id < logits.size(); ++id) {
    if (expected[id] == 0) {
      EXPECT_EQ(seen[id], 0) << "a removed token was drawn";
      continue;
    }
    const double mean = expected[id] * count;
    statistic += (seen[id] - mean) * (seen[id] - mean) / mean;
  }
  return statistic;
}

}  // namespace archlab
