// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Linear warm-up, then half a cosine from the peak down to the floor.
// Source: arXiv:1608.03983, equation 5, without restarts.

#include <cmath>

#include "absl/strings/str_cat.h"
#include "archlab/optimizer.h"
#include "cosine.pb.h"

namespace archlab {

class Cosine final : public Schedule {
 public:
  using Config = schedule::CosineConfig;

  static absl::StatusOr<std::unique_ptr<Cosine>> Create(const Config& config,
                                                        const BuildContext&) {
    if (config.min_learning_rate() > config.learning_rate())
      return FieldError({Config::kMinLearningRateFieldNumber},
                        absl::StrCat("must be at most learning_rate, ",
                                     config.learning_rate(), ", but is ",
                                     config.min_learning_rate()));
    if (config.decay_steps() > 0 &&
        config.decay_steps() < config.warmup_steps())
      return FieldError(
          {Config::kDecayStepsFieldNumber},
          absl::StrCat("must be at least warmup_steps, ", config.warmup_steps(),
                       ", but is ", config.decay_steps()));
    return std::make_unique<Cosine>(config);
  }

  explicit Cosine(const Config& config)
      : peak_(config.learning_rate()),
        floor_(config.min_learning_rate()),
        warmup_(config.warmup_steps()),
        decay_(config.decay_steps()) {}

  double LearningRate(int64_t step, int64_t steps) const override {
    if (step < warmup_) return peak_ * (step + 1.0) / (warmup_ + 1.0);
    const int64_t end = decay_ > 0 ? decay_ : steps;
    if (step >= end) return floor_;
    const double done = double(step - warmup_) / double(end - warmup_);
    return floor_ + 0.5 * (1 + std::cos(M_PI * done)) * (peak_ - floor_);
  }

 private:
  const double peak_, floor_;
  const int64_t warmup_, decay_;  // steps
};

ARCHLAB_PLUGIN(Cosine)

}  // namespace archlab
