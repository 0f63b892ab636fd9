// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// One class a sample.

#include "absl/strings/str_cat.h"
#include "archlab/objective.h"
#include "archlab/pair.h"
#include "classification.pb.h"

namespace archlab {

class Classification final : public Objective {
 public:
  using Config = objective::ClassificationConfig;
  Classification(const Config& config, const BuildContext&)
      : label_smoothing_(config.label_smoothing()),
        class_patch_(config.class_patch()) {}

  int64_t RecordTokens(int64_t) const override { return 0; }
  std::vector<std::string> SpecialTokens() const override {
    return {"[CLS]", "[SEP]"};
  }

  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput& input,
                              Random) const override {
    if (record.label < 0)
      return absl::InvalidArgumentError(
          "classification needs a label; use a labelled dataset, such as "
          "[dataset/labelled]");
    absl::StatusOr<Sample> sample =
        input.patch_elements > 0 ? Image(record, input) : Text(record, input);
    if (!sample.ok()) return sample;
    sample->targets = {static_cast<int32_t>(record.label)};
    sample->weights = {1.0f};
    return sample;
  }

  LossKind Loss() const override {
    return {.kind = LossKind::kClass, .label_smoothing = label_smoothing_};
  }

  absl::StatusOr<PromptIds> Prompt(const std::vector<int32_t>&,
                                   const ObjectiveInput&) const override {
    return absl::InvalidArgumentError(
        "a model that was trained with [objective/classification] gives a "
        "class and writes no text");
  }

 private:
  static absl::StatusOr<Sample> Text(const Record& record,
                                     const ObjectiveInput& input) {
    const int32_t cls = input.special[0], sep = input.special[1];
    const bool pair = !record.target_ids.empty();
    const int64_t marks = (input.decoder_only ? 1 : 2) + (pair ? 1 : 0);
    const int64_t room = input.sequence_tokens - marks;
    if (room < 1)
      return absl::InvalidArgumentError(
          absl::StrCat("classification needs data.sequence_tokens of at least ",
                       marks + 1, ", but it is ", input.sequence_tokens));
    const auto [first, second] =
        FitPair(static_cast<int64_t>(record.ids.size()),
                static_cast<int64_t>(record.target_ids.size()), room);
    Sample sample;
    std::vector<int32_t>& ids = sample.ids;
    if (!input.decoder_only) ids.push_back(cls);
    ids.insert(ids.end(), record.ids.begin(), record.ids.begin() + first);
    if (pair || !input.decoder_only) ids.push_back(sep);
    const size_t border = ids.size();
    ids.insert(ids.end(), record.target_ids.begin(),
               record.target_ids.begin() + second);
    if (input.decoder_only)
      ids.push_back(cls);
    else if (pair)
      ids.push_back(sep);
    if (!pair) return sample;
    sample.token_types.assign(ids.size(), 1);
    std::fill_n(sample.token_types.begin(), border, 0);
    return sample;
  }

  absl::StatusOr<Sample> Image(const Record& record,
                               const ObjectiveInput& input) const {
    const int64_t patches =
        static_cast<int64_t>(record.patches.size()) / input.patch_elements;
    const int64_t tokens = patches + (class_patch_ ? 1 : 0);
    if (tokens > input.sequence_tokens)
      return absl::InvalidArgumentError(absl::StrCat(
          "the image has ", patches, " patches",
          class_patch_ ? " and a class patch" : "",
          ", but data.sequence_tokens is ", input.sequence_tokens));
    Sample sample;
    sample.patches = record.patches;
    if (class_patch_)
      sample.patches.insert(
          input.decoder_only ? sample.patches.end() : sample.patches.begin(),
          input.patch_elements, 0.0f);
    return sample;
  }

  const double label_smoothing_;
  const bool class_patch_;
};

ARCHLAB_PLUGIN(Classification)

}  // namespace archlab
