// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Min-p sampling: tokens at least p times as probable as the most likely one.
// Source: arXiv:2407.01082, section 3.

#include <algorithm>
#include <cmath>
#include <limits>

#include "archlab/sampler.h"
#include "min_p.pb.h"

namespace archlab {

class MinP final : public Sampler {
 public:
  using Config = sampler::MinPConfig;
  MinP(const Config& config, const BuildContext&) : p_(config.p()) {}

  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    if (p_ <= 0 || logits.empty()) return;
    const double largest = *std::max_element(logits.begin(), logits.end());
    if (!std::isfinite(largest)) return;  // nothing to compare
    // A ratio of probabilities is a difference of logits, without their sum.
    const double least = largest + std::log(p_);
    for (double& logit : logits)
      if (logit < least) logit = -std::numeric_limits<double>::infinity();
  }

 private:
  const double p_;
};

ARCHLAB_PLUGIN(MinP)

}  // namespace archlab
