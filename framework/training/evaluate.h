// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Evaluation: the loss on the validation part, or on always the same piece of
// it.

#ifndef ARCHLAB_EVALUATE_H_
#define ARCHLAB_EVALUATE_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "data/corpus.h"
#include "model/model.h"

namespace archlab {

struct EvaluationPlan {
  int64_t rows = 1;     // sequences of a batch
  int64_t batches = 0;  // evenly spaced over the validation part; 0: all of it
};

struct Evaluation {
  double nats = 0;     // cross-entropy summed over the targets
  int64_t tokens = 0;  // targets
  bool whole = false;  // every sample of the validation part
  double loss = 0;     // nats a token
  // Classes: share of the targets that were the likeliest.
  std::optional<double> accuracy;
  // Next-token prediction of a text, where each token but the first is a
  // target: loss / ln 2 / (bytes a token of the validation part). The first
  // token of the text is never a target; counting it as an average one, as this
  // does, makes pieces, the whole, and tokenizers comparable.
  std::optional<double> bits_per_byte;
  double perplexity = 0;  // e^loss
};

// Runs without gradients and without dropout. `stop` is asked before each
// batch; when it says true the result is Cancelled.
absl::StatusOr<Evaluation> Evaluate(Model& model, const Corpus& corpus,
                                    const EvaluationPlan& plan,
                                    const std::function<bool()>& stop = {});

}  // namespace archlab

#endif  // ARCHLAB_EVALUATE_H_
