// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reader: reads sequences that grow through a model, with a cache or whole each
// time.

#ifndef ARCHLAB_READER_H_
#define ARCHLAB_READER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "archlab/objective.h"
#include "model/model.h"

namespace archlab {

using TokenRows = std::vector<std::vector<int32_t>>;

class Reader {
 public:
  // `prompts`: what each row begins with; sources are read where the model has
  // an encoder. Without `cached`, or where the model cannot decode with a
  // state, every Read reads everything again.
  Reader(Model& model, const std::vector<PromptIds>& prompts, bool cached);

  // Logits [B, V], f64, after the last token of each row. Rows grow by one
  // token between two calls. Fails where the model gives no numbers.
  absl::StatusOr<Tensor> Read(const TokenRows& rows);
  // Row i goes on from row rows[i] (beam search).
  void Gather(absl::Span<const int32_t> rows);

 private:
  bool Full() const;
  Tensor ReadCached(const TokenRows& rows);
  Tensor ReadWhole(const TokenRows& rows);

  Model& model_;
  const bool cached_;
  TokenRows sources_;            // of the encoder; empty without one
  std::vector<int32_t> prefix_;  // tokens of each row that see each other
  std::unique_ptr<DecodeState> state_;
};

}  // namespace archlab

#endif  // ARCHLAB_READER_H_
