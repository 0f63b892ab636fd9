// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// DecodingLoop: draws tokens from a model with a KV cache, for one prompt or
// for several at once.

#ifndef ARCHLAB_DECODING_LOOP_H_
#define ARCHLAB_DECODING_LOOP_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/objective.h"
#include "archlab/sampler.h"
#include "archlab/tokenizer.h"
#include "model/model.h"

namespace archlab {

struct DecodingOptions {
  int64_t max_tokens = 256;       // to draw, a prompt
  std::vector<std::string> stop;  // texts before which a generation ends
  uint64_t seed = 0;
  // Recompute the whole sequence for each token (to check the cache against).
  bool cached = true;
  // 1: tokens are drawn. More: beam search, which uses no samplers.
  int beams = 1;
  double length_penalty = 0.6;
};

// Puts the tokens of a text as the model was trained to read them
// (Objective::Prompt).
using MakePrompt =
    std::function<absl::StatusOr<PromptIds>(const std::vector<int32_t>& text)>;

// What came out of one prompt.
struct Generated {
  std::string text;          // without the prompt and without the stop text
  std::vector<int32_t> ids;  // drawn tokens
  bool stopped = false;      // ended by a stop text or the end token
};

// Receives text of prompt `row` as it is drawn: whole UTF-8 characters only.
using TextSink = std::function<void(int64_t row, absl::string_view text)>;

class DecodingLoop {
 public:
  // None of the arguments is owned. Samplers apply in order; with none, tokens
  // are drawn from the softmax. Without `make_prompt`, a text is continued as
  // it is.
  DecodingLoop(Model& model, const Tokenizer& tokenizer,
               const std::vector<std::unique_ptr<Sampler>>& samplers,
               MakePrompt make_prompt = nullptr)
      : model_(model),
        tokenizer_(tokenizer),
        samplers_(samplers),
        make_prompt_(std::move(make_prompt)) {}

  // A text as the tokenizer's tokens say it: as it is, unless the tokenizer
  // normalizes.
  absl::StatusOr<std::string> AsTokens(absl::string_view text) const;

  // Whether the model can read the whole of a prompt.
  absl::StatusOr<bool> Reads(const std::string& text) const;

  // Continues each prompt. Row r's numbers are keyed by (seed, r, token), so a
  // prompt's text depends neither on the others nor on their number. A prompt
  // without tokens, or longer than the model reads, is an error. A model of
  // bounded length slides: when the longest row has filled its window, the
  // later half is read again from position 0, and shorter rows lose what stood
  // beside the rest: only then a text depends on the others. A model that
  // writes no text is refused.
  absl::StatusOr<std::vector<Generated>> Run(
      const std::vector<std::string>& prompts, const DecodingOptions& options,
      const TextSink& sink) const;

 private:
  absl::StatusOr<PromptIds> Prompt(const std::string& text) const;
  absl::StatusOr<std::vector<PromptIds>> Prompts(
      const std::vector<std::string>& texts) const;
  absl::StatusOr<std::vector<Generated>> Search(
      const std::vector<PromptIds>& prompts, const DecodingOptions& options,
      const TextSink& sink) const;
  absl::StatusOr<std::vector<Generated>> Draw(
      const std::vector<PromptIds>& prompts, const DecodingOptions& options,
      const TextSink& sink) const;

  Model& model_;
  const Tokenizer& tokenizer_;
  const std::vector<std::unique_ptr<Sampler>>& samplers_;
  const MakePrompt make_prompt_;
};

// Draws from softmax(logits) by `uniform` in [0, 1); -infinity is never drawn.
// -1 when there is nothing to draw: all are -infinity, or one is not a number.
int32_t DrawToken(absl::Span<const double> logits, double uniform);

}  // namespace archlab

#endif  // ARCHLAB_DECODING_LOOP_H_
