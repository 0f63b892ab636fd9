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
#include <vector>

#include "absl/status/statusor.h"
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
};

// What came out of one prompt.
struct Generated {
  std::string text;          // without the prompt and without the stop text
  std::vector<int32_t> ids;  // drawn tokens
  bool stopped = false;      // ended by a stop text
};

// Receives text of prompt `row` as it is drawn: whole UTF-8 characters only.
using TextSink = std::function<void(int64_t row, absl::string_view text)>;

class DecodingLoop {
 public:
  // None of the arguments is owned. Samplers apply in order; with none, tokens
  // are drawn from the softmax.
  DecodingLoop(Model& model, const Tokenizer& tokenizer,
               const std::vector<std::unique_ptr<Sampler>>& samplers)
      : model_(model), tokenizer_(tokenizer), samplers_(samplers) {}

  // Continues each prompt. Row r's numbers are keyed by (seed, r, token), so a
  // prompt's text depends neither on the others nor on their number. A prompt
  // without tokens, or longer than the model reads, is an error. A model of
  // bounded length slides: when its window is full, the later half is read
  // again from position 0.
  absl::StatusOr<std::vector<Generated>> Run(
      const std::vector<std::string>& prompts, const DecodingOptions& options,
      const TextSink& sink) const;

 private:
  Model& model_;
  const Tokenizer& tokenizer_;
  const std::vector<std::unique_ptr<Sampler>>& samplers_;
};

// Draws from softmax(logits) by `uniform` in [0, 1); -infinity is never drawn.
int32_t DrawToken(absl::Span<const double> logits, double uniform);

}  // namespace archlab

#endif  // ARCHLAB_DECODING_LOOP_H_
