// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Corpus: the encoded documents, and the batches made from them.

#ifndef ARCHLAB_CORPUS_H_
#define ARCHLAB_CORPUS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/dataset.h"
#include "archlab/objective.h"
#include "archlab/tensor.h"
#include "archlab/tokenizer.h"
#include "model/batch.h"

namespace archlab {

// The encoded corpus.
struct TokenStream {
  std::vector<int32_t> ids;  // all documents, in order
  int64_t documents = 0;
  int64_t bytes = 0;       // of UTF-8 text
  int64_t characters = 0;  // Unicode code points
};

// Documents follow each other without a mark, and a window may begin in one and
// end in another, as one document to the model: nanoGPT's way with text.
class Corpus {
 public:
  // Encodes both parts and holds them in memory. `objective` must outlive the
  // corpus. Errors name the document and the remedy: an empty part, a training
  // part that is shorter than one sequence, a validation part without a single
  // target, text the tokenizer refuses.
  static absl::StatusOr<std::unique_ptr<Corpus>> Make(
      const Dataset& dataset, const Tokenizer& tokenizer,
      const Objective& objective, int64_t sequence_tokens);

  const TokenStream& stream(Split split) const {
    return split == Split::kTrain ? train_ : validation_;
  }
  // SHA-256 (hex) over the tokens of both parts.
  const std::string& hash() const { return hash_; }

  // Training batch of samples first .. first + rows - 1. Sample i is a window
  // at a place drawn uniformly from (seed, i): the same whatever the batch
  // split, so that a resumed run goes on with the next sample.
  absl::StatusOr<Batch> TrainingBatch(uint64_t seed, int64_t first_sample,
                                      int64_t rows) const;
  // Evaluation: consecutive windows of the validation part, the last one
  // shorter, so that every token that can be a target is one exactly once.
  int64_t ValidationSamples() const;
  // Samples first .. first + rows - 1, fewer at the end. Rows shorter than the
  // longest are padded: segments -1, weights 0.
  absl::StatusOr<Batch> ValidationBatch(int64_t first_sample,
                                        int64_t rows) const;

 private:
  Corpus() = default;
  absl::Status CheckLengths() const;
  // A sample of tokens begin .. begin + count - 1 of a stream.
  absl::StatusOr<Sample> MakeSample(const TokenStream& stream, int64_t begin,
                                    int64_t count, Random random) const;

  TokenStream train_, validation_;
  std::string hash_;
  const Objective* objective_ = nullptr;  // not owned
  ObjectiveInput input_;
  int64_t sequence_tokens_ = 0;           // T
  int64_t record_tokens_ = 0;             // that a sample is made from
};

}  // namespace archlab

#endif  // ARCHLAB_CORPUS_H_
