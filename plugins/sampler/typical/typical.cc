// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Locally typical sampling: the smallest set of tokens with probability at
// least p whose surprise is nearest to the entropy.
// Source: arXiv:2202.00666, section 4.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "archlab/sampler.h"
#include "typical.pb.h"

namespace archlab {
namespace {

// log softmax(logits); the largest logit is finite.
std::vector<double> LogProbabilities(absl::Span<const double> logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double total = 0;
  for (const double logit : logits) total += std::exp(logit - largest);
  std::vector<double> result;
  for (const double logit : logits)
    result.push_back(logit - largest - std::log(total));
  return result;
}

// Expected surprise in nats.
double Entropy(const std::vector<double>& log_p) {
  double entropy = 0;
  for (const double l : log_p) {
    const double p = std::exp(l);
    if (p > 0) entropy -= p * l;  // p log p falls to 0 with p
  }
  return entropy;
}

}  // namespace

class Typical final : public Sampler {
 public:
  using Config = sampler::TypicalConfig;
  Typical(const Config& config, const BuildContext&) : p_(config.p()) {}

  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    if (p_ >= 1 || logits.empty()) return;
    if (!std::isfinite(*std::max_element(logits.begin(), logits.end()))) return;
    const std::vector<double> log_p = LogProbabilities(logits);
    const double entropy = Entropy(log_p);
    const auto far = [&](int32_t id) { return std::abs(-log_p[id] - entropy); };
    std::vector<int32_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return far(a) != far(b) ? far(a) < far(b) : a < b;
    });
    size_t kept = 0;
    for (double sum = 0; kept < order.size() && sum < p_; ++kept)
      sum += std::exp(log_p[order[kept]]);
    for (size_t i = kept; i < order.size(); ++i)
      logits[order[i]] = -std::numeric_limits<double>::infinity();
  }

 private:
  const double p_;
};

ARCHLAB_PLUGIN(Typical)

}  // namespace archlab
