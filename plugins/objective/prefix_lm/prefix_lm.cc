// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Prefix language modelling.

#include <algorithm>

#include "archlab/objective.h"
#include "archlab/pair.h"
#include "prefix_lm.pb.h"

namespace archlab {

class PrefixLm final : public Objective {
 public:
  using Config = objective::PrefixLmConfig;
  PrefixLm(const Config& config, const BuildContext&)
      : pairs_(config.pairs()), label_smoothing_(config.label_smoothing()) {}

  int64_t RecordTokens(int64_t sequence_tokens) const override {
    return pairs_ ? 0 : sequence_tokens + 1;
  }
  std::vector<std::string> SpecialTokens() const override {
    if (pairs_) return {"[END]", "[SEP]"};
    return {};
  }

  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput& input,
                              Random random) const override {
    return pairs_ ? Pair(record, input) : Window(record.ids, random);
  }

  LossKind Loss() const override {
    return {.kind = LossKind::kTokens, .label_smoothing = label_smoothing_};
  }

  absl::StatusOr<PromptIds> Prompt(const std::vector<int32_t>& text,
                                   const ObjectiveInput& input) const override {
    PromptIds prompt;
    prompt.ids = text;
    if (pairs_) {
      prompt.ids.push_back(input.special[1]);
      prompt.end_id = input.special[0];
    }
    prompt.prefix_tokens = static_cast<int64_t>(prompt.ids.size());
    return prompt;
  }

 private:
  static absl::StatusOr<Sample> Pair(const Record& record,
                                     const ObjectiveInput& input) {
    if (record.target_ids.empty())
      return absl::InvalidArgumentError(
          "with `pairs`, prefix language modelling needs a target; use a "
          "dataset of pairs, such as [dataset/pairs]");
    Sample sample = ContinuePair(record, input.special[1], input.special[0],
                                 input.sequence_tokens);
    sample.prefix_tokens =
        1 + std::count(sample.weights.begin(), sample.weights.end(), 0.0f);
    return sample;
  }

  static absl::StatusOr<Sample> Window(const std::vector<int32_t>& ids,
                                       Random& random) {
    if (ids.size() < 2)
      return absl::InvalidArgumentError(
          "prefix language modelling needs at least two tokens in a row");
    Sample sample;
    sample.ids.assign(ids.begin(), ids.end() - 1);
    sample.targets.assign(ids.begin() + 1, ids.end());
    // At least the first token is prefix, and at least the last is predicted.
    sample.prefix_tokens =
        1 + static_cast<int64_t>(random.Below(sample.ids.size()));
    sample.weights.assign(sample.ids.size(), 1.0f);
    std::fill_n(sample.weights.begin(), sample.prefix_tokens - 1, 0.0f);
    return sample;
  }

  const bool pairs_;
  const double label_smoothing_;
};

ARCHLAB_PLUGIN(PrefixLm)

}  // namespace archlab
