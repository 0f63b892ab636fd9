// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The validation loss in detail: by sample, so that two models can be compared
// text by text, and by position in the sequence, so that one sees what a longer
// context is worth to a model.

#ifndef ARCHLAB_DETAILS_H_
#define ARCHLAB_DETAILS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/corpus.h"
#include "model/model.h"

namespace archlab {

// Cross-entropy summed over some targets, each times its weight; how many.
struct LossSum {
  double nats = 0;
  int64_t tokens = 0;
};

// Of the targets at each position of sequences of up to `tokens` tokens (of the
// decoder, where there is one).
struct LossByPosition {
  int64_t tokens = 0;
  bool trained = true;             // at this length
  std::vector<LossSum> positions;  // as many as the longest sequence has
};

struct EvaluationDetails {
  LossSum total;
  // The validation part in its order: documents, or windows of the text. A
  // model of classes has one target a sample.
  std::vector<LossSum> samples;
  // At data.sequence_tokens, and at twice that where a text is predicted token
  // by token, is long enough, and the model can read so much. Empty for
  // classes.
  std::vector<LossByPosition> by_position;
};

// Evaluates the whole validation part, without dropout, at most `rows` samples
// at a time. The total is that of Evaluate, to rounding; the numbers do not
// depend on the number of threads.
absl::StatusOr<EvaluationDetails> EvaluateInDetail(Model& model,
                                                   const Corpus& corpus,
                                                   int64_t rows);

// As JSON:
//   {"loss": 1.5, "nats": 1500.0, "tokens": 1000,
//    "samples": {"nats": [...], "tokens": [...]},
//    "positions": [{"tokens": 256, "trained": true,
//                   "loss": [...], "count": [...]}, ...]}
// "loss" is the mean in nats a token, null where there is no target; element i
// is position i. "positions" is absent for classes.
std::string PrintDetails(const EvaluationDetails& details);

}  // namespace archlab

#endif  // ARCHLAB_DETAILS_H_
