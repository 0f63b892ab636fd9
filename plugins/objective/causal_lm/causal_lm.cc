// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Next-token prediction: the target at t is the token at t + 1.

#include "archlab/objective.h"
#include "causal_lm.pb.h"

namespace archlab {

class CausalLm final : public Objective {
 public:
  using Config = objective::CausalLmConfig;
  CausalLm(const Config& config, const BuildContext&)
      : label_smoothing_(config.label_smoothing()) {}

  int64_t RecordTokens(int64_t sequence_tokens) const override {
    return sequence_tokens + 1;
  }

  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput&,
                              Random) const override {
    const std::vector<int32_t>& ids = record.ids;
    if (ids.size() < 2)
      return absl::InvalidArgumentError(
          "next-token prediction needs at least two tokens in a row");
    Sample sample;
    sample.ids.assign(ids.begin(), ids.end() - 1);
    sample.targets.assign(ids.begin() + 1, ids.end());
    sample.weights.assign(sample.targets.size(), 1.0f);
    return sample;
  }

  LossKind Loss() const override {
    return {.kind = LossKind::kTokens, .label_smoothing = label_smoothing_};
  }

 private:
  const double label_smoothing_;
};

ARCHLAB_PLUGIN(CausalLm)

}  // namespace archlab
