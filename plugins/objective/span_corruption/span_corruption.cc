// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Span corruption.

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/objective.h"
#include "span_corruption.pb.h"

namespace archlab {
namespace {

// How a window of `tokens` is divided.
struct Division {
  int64_t noise = 0;  // tokens taken out
  int64_t rest = 0;
  int64_t spans = 0;
  int64_t inputs() const { return rest + spans + 1; }
  int64_t targets() const { return noise + spans + 1; }
};

// Lengths of `parts` parts of `total`, at least 1 each, all divisions as
// likely.
std::vector<int64_t> RandomParts(int64_t total, int64_t parts, Random& random) {
  // A division is a choice of parts - 1 of the total - 1 borders.
  std::vector<int64_t> lengths = {1};
  int64_t wanted = parts - 1;
  for (int64_t border = total - 1; border > 0; --border) {
    if (static_cast<int64_t>(random.Below(border)) < wanted) {
      lengths.push_back(1);
      --wanted;
    } else {
      ++lengths.back();
    }
  }
  return lengths;
}

}  // namespace

class SpanCorruption final : public Objective {
 public:
  using Config = objective::SpanCorruptionConfig;
  SpanCorruption(const Config& config, const BuildContext&)
      : density_(config.density()),
        mean_span_(config.mean_span()),
        sentinels_(config.sentinels()),
        label_smoothing_(config.label_smoothing()) {}

  int64_t RecordTokens(int64_t sequence_tokens) const override {
    int64_t tokens = 1;
    while (Fits(tokens + 1, sequence_tokens)) ++tokens;
    return tokens;
  }
  std::vector<std::string> SpecialTokens() const override {
    std::vector<std::string> names = {"[START]", "[END]"};
    for (int64_t i = 0; i < sentinels_; ++i)
      names.push_back(absl::StrCat("<extra_", i, ">"));
    return names;
  }

  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput& input,
                              Random random) const override {
    const auto tokens = static_cast<int64_t>(record.ids.size());
    if (tokens == 0)
      return absl::InvalidArgumentError(
          "span corruption needs at least one token");
    const Division division = Divide(tokens);
    if (!Fits(tokens, input.sequence_tokens))
      return absl::InvalidArgumentError(
          absl::StrCat("span corruption of ", tokens,
                       " tokens needs data.sequence_tokens of ",
                       std::max(division.inputs(), division.targets()),
                       ", but it is ", input.sequence_tokens));
    if (division.spans > sentinels_)
      return absl::InvalidArgumentError(absl::StrCat(
          "a window of ", tokens, " tokens has ", division.spans,
          " spans; set training.objective.sentinels to as many (it is ",
          sentinels_, ")"));
    return Corrupt(record.ids, division, input, random);
  }

  LossKind Loss() const override {
    return {.kind = LossKind::kTokens, .label_smoothing = label_smoothing_};
  }

  // The text as the encoder reads it. Tokenizers make no sentinels, so a text
  // cannot ask for a span.
  absl::StatusOr<PromptIds> Prompt(const std::vector<int32_t>& text,
                                   const ObjectiveInput& input) const override {
    PromptIds prompt;
    prompt.ids = text;
    prompt.ids.push_back(input.special[1]);
    prompt.decoder_ids = {input.special[0]};
    prompt.end_id = input.special[1];
    return prompt;
  }

 private:
  Division Divide(int64_t tokens) const {
    const auto all = static_cast<double>(tokens);
    Division division;
    division.noise = std::clamp<int64_t>(std::lround(all * density_), 1,
                                         std::max<int64_t>(1, tokens - 1));
    division.rest = tokens - division.noise;
    division.spans = std::max<int64_t>(
        1, std::lround(static_cast<double>(division.noise) / mean_span_));
    // There is a piece of the rest before every span.
    division.spans = std::clamp<int64_t>(division.spans, 1,
                                         std::max<int64_t>(1, division.rest));
    return division;
  }

  bool Fits(int64_t tokens, int64_t sequence_tokens) const {
    const Division division = Divide(tokens);
    return std::max(division.inputs(), division.targets()) <= sequence_tokens;
  }

  static Sample Corrupt(const std::vector<int32_t>& ids,
                        const Division& division, const ObjectiveInput& input,
                        Random& random) {
    const int32_t start = input.special[0], end = input.special[1];
    const auto spans = RandomParts(division.noise, division.spans, random);
    std::vector<int64_t> rests(division.spans);  // a single token is a span
    if (division.rest > 0)
      rests = RandomParts(division.rest, division.spans, random);
    Sample sample;
    auto at = ids.begin();
    for (int64_t s = 0; s < division.spans; ++s) {
      const int32_t sentinel = input.special[2 + s];
      sample.ids.insert(sample.ids.end(), at, at + rests[s]);
      at += rests[s];
      sample.ids.push_back(sentinel);
      sample.targets.push_back(sentinel);
      sample.targets.insert(sample.targets.end(), at, at + spans[s]);
      at += spans[s];
    }
    sample.ids.push_back(end);
    sample.targets.push_back(end);
    sample.decoder_ids = {start};
    sample.decoder_ids.insert(sample.decoder_ids.end(), sample.targets.begin(),
                              sample.targets.end() - 1);
    return sample;
  }

  const double density_, mean_span_;
  const int64_t sentinels_;
  const double label_smoothing_;
};

ARCHLAB_PLUGIN(SpanCorruption)

}  // namespace archlab
