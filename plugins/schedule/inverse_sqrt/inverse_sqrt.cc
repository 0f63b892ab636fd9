// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Linear warm-up, then the inverse square root of the step.
// Source: arXiv:1706.03762, section 5.3, scaled to a given peak.

#include <cmath>

#include "archlab/optimizer.h"
#include "inverse_sqrt.pb.h"

namespace archlab {

class InverseSqrt final : public Schedule {
 public:
  using Config = schedule::InverseSqrtConfig;
  InverseSqrt(const Config& config, const BuildContext&)
      : peak_(config.learning_rate()), warmup_(config.warmup_steps()) {}

  double LearningRate(int64_t step, int64_t) const override {
    const double done = (step + 1.0) / (warmup_ + 1.0);
    return peak_ * (step < warmup_ ? done : 1 / std::sqrt(done));
  }

 private:
  const double peak_;
  const int64_t warmup_;  // steps
};

ARCHLAB_PLUGIN(InverseSqrt)

}  // namespace archlab
