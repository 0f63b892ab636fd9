// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Warm-up, stable, decay: linear warm-up, the peak, and a straight line down at
// the end of the training.
// Source: arXiv:2404.06395, section 4; linear decay as in arXiv:2405.18392.

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "archlab/optimizer.h"
#include "wsd.pb.h"

namespace archlab {

class Wsd final : public Schedule {
 public:
  using Config = schedule::WsdConfig;

  static absl::StatusOr<std::unique_ptr<Wsd>> Create(const Config& config,
                                                     const BuildContext&) {
    if (config.min_learning_rate() > config.learning_rate())
      return FieldError({Config::kMinLearningRateFieldNumber},
                        absl::StrCat("must be at most learning_rate, ",
                                     config.learning_rate(), ", but is ",
                                     config.min_learning_rate()));
    return std::make_unique<Wsd>(config);
  }

  explicit Wsd(const Config& config)
      : peak_(config.learning_rate()),
        floor_(config.min_learning_rate()),
        share_(config.decay_share()),
        warmup_(config.warmup_steps()) {}

  double LearningRate(int64_t step, int64_t steps) const override {
    if (step < warmup_) return peak_ * (step + 1.0) / (warmup_ + 1.0);
    const int64_t decay = std::llround(share_ * steps);
    const int64_t begin = std::max(steps - decay, warmup_);
    if (decay == 0 || step < begin) return peak_;
    if (step >= steps) return floor_;
    return peak_ + (floor_ - peak_) * (step - begin) / (steps - begin);
  }

 private:
  const double peak_, floor_, share_;
  const int64_t warmup_;  // steps
};

ARCHLAB_PLUGIN(Wsd)

}  // namespace archlab
