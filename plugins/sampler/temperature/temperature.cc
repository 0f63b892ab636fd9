// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Divides the logits by a temperature.
// Source: arXiv:1503.02531, section 2.

#include <algorithm>
#include <cmath>

#include "archlab/sampler.h"
#include "temperature.pb.h"

namespace archlab {

class Temperature final : public Sampler {
 public:
  using Config = sampler::TemperatureConfig;
  Temperature(const Config& config, const BuildContext&)
      : temperature_(config.value()) {}

  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    if (logits.empty()) return;
    // The largest logit becomes 0, which changes no probability, so that a tiny
    // temperature overflows to -infinity and never to infinity.
    const double largest = *std::max_element(logits.begin(), logits.end());
    if (!std::isfinite(largest)) return;
    for (double& logit : logits) logit = (logit - largest) / temperature_;
  }

 private:
  const double temperature_;
};

ARCHLAB_PLUGIN(Temperature)

}  // namespace archlab
