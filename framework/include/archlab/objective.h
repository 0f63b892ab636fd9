// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Objective: from data to model inputs, targets and loss. The component makes
// samples; the host collates them into batches, gathers the positions that
// count, and owns head and loss.

#ifndef ARCHLAB_OBJECTIVE_H_
#define ARCHLAB_OBJECTIVE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "archlab/component.h"
#include "archlab/plugin.h"
#include "archlab/random.h"

namespace archlab {

// What a sample is made from: a window of the token stream, or a document.
struct Record {
  std::vector<int32_t> ids;         // the source's tokens
  std::vector<int32_t> target_ids;  // the pair's other half
  int64_t label = -1;
  std::vector<float> patches;  // of an image, [T, P] row-major; no ids then
};

// One row of a batch. Vectors over T have equal length; empty means default.
struct Sample {
  std::vector<int32_t> ids;          // [T] model input
  std::vector<float> patches;        // [T, P] instead of ids
  std::vector<int32_t> token_types;  // [T] default: all 0
  std::vector<int32_t> segments;     // [T] document index; default: all 0
  std::vector<int32_t> decoder_ids;  // [T2] decoder input (encoder-decoder)
  // What to predict: [T], [T2] with a decoder, or one class.
  std::vector<int32_t> targets;
  std::vector<float> weights;  // of the targets; 0: not counted
  int64_t prefix_tokens = 0;   // leading tokens that see each other
};

// What an objective knows when it makes a sample.
struct ObjectiveInput {
  int64_t sequence_tokens = 0;  // T, the most a sample may hold
  int64_t vocabulary = 0;       // ordinary ids: 0 .. vocabulary - 1
  int64_t patch_elements = 0;   // P; 0: the data are text
  bool decoder_only = false;    // one causal stack reads source and target
  // Ids of SpecialTokens(), in their order.
  std::vector<int32_t> special;
};

// How the host turns outputs into a loss.
struct LossKind {
  enum Kind { kTokens, kClass };
  Kind kind = kTokens;  // a target a token, or one class a sample
  double label_smoothing = 0;
};

// A prompt as a model that was trained with the objective reads it.
struct PromptIds {
  std::vector<int32_t> ids;          // the source, for an encoder
  std::vector<int32_t> decoder_ids;  // what the decoder begins with
  int64_t prefix_tokens = 0;
  int32_t end_id = -1;  // a token that ends the text; -1: none
};

class Objective : public Component {
 public:
  static constexpr char kKind[] = "objective";
  static constexpr int kInterfaceRevision = 1;

  // Tokens of the stream that a sample of length T is made from (T + 1 for
  // next-token prediction). 0: a sample is made from one document.
  virtual int64_t RecordTokens(int64_t sequence_tokens) const = 0;
  // Names of the tokens beyond the text's that samples hold, such as "[MASK]".
  virtual std::vector<std::string> SpecialTokens() const { return {}; }
  // One sample of at most input.sequence_tokens tokens. `random` is keyed by
  // (seed, sample index). Refuses a record that lacks what it needs.
  virtual absl::StatusOr<Sample> Make(const Record& record,
                                      const ObjectiveInput& input,
                                      Random random) const = 0;
  virtual LossKind Loss() const { return {}; }
  // How a text is put to a trained model. Refuses where the model does not
  // generate.
  virtual absl::StatusOr<PromptIds> Prompt(
      const std::vector<int32_t>& text, const ObjectiveInput& /*input*/) const {
    PromptIds prompt;
    prompt.ids = text;
    return prompt;
  }
};

}  // namespace archlab

#endif  // ARCHLAB_OBJECTIVE_H_
