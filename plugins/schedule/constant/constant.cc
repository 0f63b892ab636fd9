// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The same learning rate for all steps, after a linear warm-up.

#include "archlab/optimizer.h"
#include "constant.pb.h"

namespace archlab {

class Constant final : public Schedule {
 public:
  using Config = schedule::ConstantConfig;
  Constant(const Config& config, const BuildContext&)
      : peak_(config.learning_rate()), warmup_(config.warmup_steps()) {}

  double LearningRate(int64_t step, int64_t) const override {
    if (step >= warmup_) return peak_;
    return peak_ * (step + 1.0) / (warmup_ + 1.0);
  }

 private:
  const double peak_;
  const int64_t warmup_;  // steps
};

ARCHLAB_PLUGIN(Constant)

}  // namespace archlab
