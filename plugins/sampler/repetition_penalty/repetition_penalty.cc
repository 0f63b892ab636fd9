// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Makes tokens that have occurred less likely.
// Source: arXiv:1909.05858 (CTRL), section 4.1; negative logits are multiplied,
// so that the penalty never helps.

#include <vector>

#include "archlab/sampler.h"
#include "repetition_penalty.pb.h"

namespace archlab {

class RepetitionPenalty final : public Sampler {
 public:
  using Config = sampler::RepetitionPenaltyConfig;
  RepetitionPenalty(const Config& config, const BuildContext&)
      : penalty_(config.penalty()), window_(config.window_tokens()) {}

  void Apply(absl::Span<const int32_t> history,
             absl::Span<double> logits) const override {
    const bool all = window_ == 0 || int64_t(history.size()) <= window_;
    const size_t begin = all ? 0 : history.size() - window_;
    std::vector<bool> seen(logits.size(), false);
    for (const int32_t id : history.subspan(begin)) {
      if (size_t(id) >= seen.size() || seen[id]) continue;
      seen[id] = true;
      logits[id] *= logits[id] > 0 ? 1 / penalty_ : penalty_;
    }
  }

 private:
  const double penalty_;
  const int64_t window_;  // tokens
};

ARCHLAB_PLUGIN(RepetitionPenalty)

}  // namespace archlab
