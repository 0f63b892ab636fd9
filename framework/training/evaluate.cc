// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/evaluate.h"

#include <algorithm>
#include <cmath>

#include "archlab/ops.h"
#include "archlab/status.h"

namespace archlab {
namespace {

// First samples and rows of the batches to evaluate.
struct Piece {
  int64_t first = 0;
  int64_t rows = 0;
};

std::vector<Piece> Pieces(const EvaluationPlan& plan, int64_t samples) {
  std::vector<Piece> pieces;
  const int64_t all = (samples + plan.rows - 1) / plan.rows;
  const bool whole = plan.batches == 0 || plan.batches >= all;
  const int64_t count = whole ? all : plan.batches;
  for (int64_t i = 0; i < count; ++i) {
    // Where it is not the whole, count * rows < samples: no overlap.
    const int64_t first = whole ? i * plan.rows : i * samples / count;
    pieces.push_back({first, std::min(plan.rows, samples - first)});
  }
  return pieces;
}

// Whether every real token of the batch but each row's first is a target.
bool EveryTokenIsATarget(const Batch& batch) {
  if (!batch.ids.defined() || batch.decoder_ids.defined()) return false;
  int64_t real = batch.ids.size();
  if (batch.segments.defined()) {
    const int32_t* const segments = batch.segments.data<int32_t>();
    real = std::count_if(segments, segments + batch.segments.size(),
                         [](int32_t segment) { return segment >= 0; });
  }
  return batch.tokens == real;
}

double BitsPerByte(double loss, const TokenStream& text) {
  const double bytes_per_token =
      static_cast<double>(text.bytes) / static_cast<double>(text.ids.size());
  return loss / std::log(2.0) / bytes_per_token;
}

}  // namespace

absl::StatusOr<Evaluation> Evaluate(Model& model, const Corpus& corpus,
                                    const EvaluationPlan& plan,
                                    const std::function<bool()>& stop) {
  const NoGrad no_grad;
  Evaluation result;
  int64_t rows = 0, correct = 0;
  bool every_token = corpus.PredictsNextTokens();
  for (const Piece& piece : Pieces(plan, corpus.ValidationSamples())) {
    if (stop && stop()) return absl::CancelledError("evaluation was stopped");
    ARCHLAB_ASSIGN_OR_RETURN(const Batch batch,
                             corpus.ValidationBatch(piece.first, piece.rows));
    const LossResult loss = model.Loss(batch, PassOptions());
    result.nats += loss.sum;
    result.tokens += loss.tokens;
    // -1 where it is not known: then it is so in every batch.
    correct = loss.correct < 0 ? -1 : correct + loss.correct;
    every_token = every_token && EveryTokenIsATarget(batch);
    rows += piece.rows;
  }
  if (result.tokens == 0)
    return absl::InvalidArgumentError(
        "the validation part has nothing to predict; make it longer");
  result.whole = rows == corpus.ValidationSamples();
  result.loss = result.nats / static_cast<double>(result.tokens);
  if (correct >= 0)
    result.accuracy =
        static_cast<double>(correct) / static_cast<double>(result.tokens);
  if (every_token)
    result.bits_per_byte =
        BitsPerByte(result.loss, corpus.stream(Split::kValidation));
  result.perplexity = std::exp(result.loss);
  return result;
}

}  // namespace archlab
