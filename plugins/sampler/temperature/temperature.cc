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
    const double largest = *std::max_element(logits.begin(), logits.end());
    if (!std::isfinite(largest)) return;
    // Samplers behind this one may look at signs, so logits are moved only when
    // a tiny temperature takes them beyond the range of exp: the largest
    // becomes 0 then, which changes no probability.
    const double shift = std::abs(largest / temperature_) < 700 ? 0 : largest;
    for (double& logit : logits) logit = (logit - shift) / temperature_;
  }

 private:
  const double temperature_;
};

ARCHLAB_PLUGIN(Temperature)

}  // namespace archlab
