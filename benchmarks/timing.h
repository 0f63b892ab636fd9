// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Wall clock and medians.

#ifndef ARCHLAB_TIMING_H_
#define ARCHLAB_TIMING_H_

#include <algorithm>
#include <chrono>
#include <vector>

namespace archlab {

// Runs from when it is made.
class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

template <class Work>
double SecondsOf(const Work& work) {
  const Stopwatch watch;
  work();
  return watch.Seconds();
}

// The share-quantile of some values: 0.5 is the median.
inline double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const size_t last = values.size() - 1;
  return values[static_cast<size_t>(share * static_cast<double>(last) + 0.5)];
}

}  // namespace archlab

#endif  // ARCHLAB_TIMING_H_
