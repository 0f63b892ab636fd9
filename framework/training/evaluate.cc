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

}  // namespace

absl::StatusOr<Evaluation> Evaluate(Model& model, const Corpus& corpus,
                                    const EvaluationPlan& plan,
                                    const std::function<bool()>& stop) {
  const NoGrad no_grad;
  Evaluation result;
  int64_t rows = 0;
  for (const Piece& piece : Pieces(plan, corpus.ValidationSamples())) {
    if (stop && stop()) return absl::CancelledError("evaluation was stopped");
    ARCHLAB_ASSIGN_OR_RETURN(const Batch batch,
                             corpus.ValidationBatch(piece.first, piece.rows));
    const LossResult loss = model.Loss(batch, PassOptions());
    result.nats += loss.sum;
    result.tokens += loss.tokens;
    rows += piece.rows;
  }
  if (result.tokens == 0)
    return absl::InvalidArgumentError(
        "the validation part has nothing to predict; make it longer");
  const TokenStream& text = corpus.stream(Split::kValidation);
  const double bytes_per_token =
      static_cast<double>(text.bytes) / static_cast<double>(text.ids.size());
  result.whole = rows == corpus.ValidationSamples();
  result.loss = result.nats / static_cast<double>(result.tokens);
  result.bits_per_byte = result.loss / std::log(2.0) / bytes_per_token;
  result.perplexity = std::exp(result.loss);
  return result;
}

}  // namespace archlab
