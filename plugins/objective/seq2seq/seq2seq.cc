// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sequence to sequence, with an encoder or in one sequence.

#include <algorithm>

#include "archlab/objective.h"
#include "archlab/pair.h"
#include "seq2seq.pb.h"

namespace archlab {

class Seq2seq final : public Objective {
 public:
  using Config = objective::Seq2seqConfig;
  Seq2seq(const Config& config, const BuildContext&)
      : label_smoothing_(config.label_smoothing()),
        train_on_source_(config.train_on_source()) {}

  int64_t RecordTokens(int64_t) const override { return 0; }
  std::vector<std::string> SpecialTokens() const override {
    return {"[START]", "[END]", "[SEP]"};
  }

  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput& input,
                              Random) const override {
    if (record.target_ids.empty())
      return absl::InvalidArgumentError(
          "sequence to sequence needs a target; use a dataset of pairs, such "
          "as [dataset/pairs]");
    if (input.decoder_only) return OneSequence(record, input);
    if (train_on_source_)
      return absl::InvalidArgumentError(
          "an encoder reads the whole source at once, so that there is nothing "
          "to learn from it; leave out `train_on_source`");
    return EncoderAndDecoder(record, input);
  }

  LossKind Loss() const override {
    return {.kind = LossKind::kTokens, .label_smoothing = label_smoothing_};
  }

  absl::StatusOr<PromptIds> Prompt(const std::vector<int32_t>& text,
                                   const ObjectiveInput& input) const override {
    PromptIds prompt;
    prompt.end_id = End(input);
    prompt.ids = text;
    if (input.decoder_only) {
      prompt.ids.push_back(input.special[2]);
      return prompt;
    }
    prompt.ids.push_back(End(input));  // whole: the model says what it can read
    prompt.decoder_ids = {Start(input)};
    return prompt;
  }

 private:
  static int32_t Start(const ObjectiveInput& input) { return input.special[0]; }
  static int32_t End(const ObjectiveInput& input) { return input.special[1]; }

  // What the encoder reads: the source and its end.
  static std::vector<int32_t> Source(std::vector<int32_t> source,
                                     const ObjectiveInput& input) {
    const auto room = static_cast<size_t>(input.sequence_tokens - 1);
    source.resize(std::min(source.size(), room));
    source.push_back(End(input));
    return source;
  }

  static Sample EncoderAndDecoder(const Record& record,
                                  const ObjectiveInput& input) {
    Sample sample;
    sample.ids = Source(record.ids, input);
    sample.targets = record.target_ids;
    sample.targets.push_back(End(input));
    sample.targets.resize(
        std::min<size_t>(sample.targets.size(), input.sequence_tokens));
    sample.decoder_ids = {Start(input)};
    sample.decoder_ids.insert(sample.decoder_ids.end(), sample.targets.begin(),
                              sample.targets.end() - 1);
    return sample;
  }

  Sample OneSequence(const Record& record, const ObjectiveInput& input) const {
    Sample sample = ContinuePair(record, input.special[2], End(input),
                                 input.sequence_tokens);
    if (train_on_source_) sample.weights.clear();  // every token counts
    return sample;
  }

  const double label_smoothing_;
  const bool train_on_source_;
};

ARCHLAB_PLUGIN(Seq2seq)

}  // namespace archlab
