// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Keeps the k most likely tokens.
// Source: arXiv:1805.04833, section 5.4.

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "archlab/sampler.h"
#include "top_k.pb.h"

namespace archlab {

class TopK final : public Sampler {
 public:
  using Config = sampler::TopKConfig;
  TopK(const Config& config, const BuildContext&) : k_(config.k()) {}

  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    if (k_ >= logits.size()) return;
    std::vector<int32_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    const auto likelier = [&](int32_t a, int32_t b) {
      return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
    };
    std::nth_element(order.begin(), order.begin() + k_, order.end(), likelier);
    for (size_t i = k_; i < order.size(); ++i)
      logits[order[i]] = -std::numeric_limits<double>::infinity();
  }

 private:
  const size_t k_;  // tokens
};

ARCHLAB_PLUGIN(TopK)

}  // namespace archlab
