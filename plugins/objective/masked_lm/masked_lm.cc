// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Masked language modelling.

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/objective.h"
#include "masked_lm.pb.h"

namespace archlab {

class MaskedLm final : public Objective {
 public:
  using Config = objective::MaskedLmConfig;

  static absl::StatusOr<std::unique_ptr<MaskedLm>> Create(const Config& config,
                                                          const BuildContext&) {
    if (config.mask() + config.random() > 1)
      return FieldError({Config::kRandomFieldNumber},
                        absl::StrCat("must be at most ", 1 - config.mask(),
                                     " beside mask, but is ", config.random()));
    return std::make_unique<MaskedLm>(config);
  }
  explicit MaskedLm(const Config& config)
      : share_(config.share()),
        mask_(config.mask()),
        random_(config.random()),
        frame_(config.frame()),
        label_smoothing_(config.label_smoothing()) {}

  int64_t RecordTokens(int64_t sequence_tokens) const override {
    return std::max<int64_t>(1, sequence_tokens - (frame_ ? 2 : 0));
  }
  std::vector<std::string> SpecialTokens() const override {
    if (frame_) return {"[MASK]", "[CLS]", "[SEP]"};
    return {"[MASK]"};
  }

  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput& input,
                              Random random) const override {
    if (record.ids.empty())
      return absl::InvalidArgumentError(
          "masked language modelling needs at least one token");
    if (frame_ && input.sequence_tokens < 3)
      return absl::InvalidArgumentError(
          absl::StrCat("a frame needs data.sequence_tokens of at least 3, but "
                       "it is ",
                       input.sequence_tokens));
    Sample sample;
    sample.ids = sample.targets = record.ids;
    sample.weights.assign(record.ids.size(), 0.0f);
    for (const size_t place : Chosen(record.ids.size(), random)) {
      sample.weights[place] = 1;
      sample.ids[place] = Replaced(record.ids[place], input, random);
    }
    if (frame_) Frame(input, &sample);
    return sample;
  }

  LossKind Loss() const override {
    return {.kind = LossKind::kTokens, .label_smoothing = label_smoothing_};
  }

  absl::StatusOr<PromptIds> Prompt(const std::vector<int32_t>&,
                                   const ObjectiveInput&) const override {
    return absl::InvalidArgumentError(
        "a model that was trained with [objective/masked_lm] fills gaps and "
        "writes no text");
  }

 private:
  // The first of all places in random order.
  std::vector<size_t> Chosen(size_t tokens, Random& random) const {
    const auto count = std::max<size_t>(
        1,
        static_cast<size_t>(std::lround(share_ * static_cast<double>(tokens))));
    std::vector<size_t> places(tokens);
    std::iota(places.begin(), places.end(), 0);
    for (size_t i = 0; i < count; ++i)
      std::swap(places[i], places[i + random.Below(tokens - i)]);
    places.resize(count);
    return places;
  }

  int32_t Replaced(int32_t id, const ObjectiveInput& input,
                   Random& random) const {
    const double drawn = random.Uniform();
    if (drawn < mask_) return input.special[0];
    if (drawn < mask_ + random_)
      return static_cast<int32_t>(random.Below(input.vocabulary));
    return id;
  }

  static void Frame(const ObjectiveInput& input, Sample* sample) {
    sample->ids.insert(sample->ids.begin(), input.special[1]);
    sample->ids.push_back(input.special[2]);
    sample->targets.insert(sample->targets.begin(), 0);
    sample->targets.push_back(0);
    sample->weights.insert(sample->weights.begin(), 0.0f);
    sample->weights.push_back(0.0f);
  }

  const double share_, mask_, random_;
  const bool frame_;
  const double label_smoothing_;
};

ARCHLAB_PLUGIN(MaskedLm)

}  // namespace archlab
