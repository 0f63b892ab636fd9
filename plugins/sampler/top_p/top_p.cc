// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Nucleus sampling: the smallest set of most likely tokens with probability at
// least p.
// Source: arXiv:1904.09751, section 3.1.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "archlab/sampler.h"
#include "top_p.pb.h"

namespace archlab {

class TopP final : public Sampler {
 public:
  using Config = sampler::TopPConfig;
  TopP(const Config& config, const BuildContext&) : p_(config.p()) {}

  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    if (p_ >= 1 || logits.empty()) return;
    const double largest = *std::max_element(logits.begin(), logits.end());
    if (!std::isfinite(largest)) return;  // nothing to compare
    std::vector<int32_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
    });
    double total = 0;  // of probabilities relative to the largest
    for (const double logit : logits) total += std::exp(logit - largest);
    size_t kept = 0;
    for (double sum = 0; kept < order.size() && sum < p_ * total; ++kept)
      sum += std::exp(logits[order[kept]] - largest);
    for (size_t i = kept; i < order.size(); ++i)
      logits[order[i]] = -std::numeric_limits<double>::infinity();
  }

 private:
  const double p_;
};

ARCHLAB_PLUGIN(TopP)

}  // namespace archlab
