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
#include "archlab/tokenizer.h"
#include "data/encode.h"
#include "data/order.h"
#include "data/vocabulary.h"
#include "model/batch.h"

namespace archlab {

// What a corpus is made of and for.
struct CorpusParts {
  const Dataset* dataset = nullptr;      // not owned, outlives the corpus
  const Tokenizer* tokenizer = nullptr;  // nullptr: the data are images
  const Objective* objective = nullptr;  // not owned, outlives the corpus
  const Vocabulary* vocabulary = nullptr;
  int64_t sequence_tokens = 0;  // T
  bool decoder_only = false;    // see ObjectiveInput
  int64_t group_by_length = 0;  // see data.group_by_length
  // Both parts, where they were encoded before; moved from. nullptr: Make does.
  EncodedParts* encoded = nullptr;
};

// A sample is a window of the stream of tokens, or one document, as the
// objective says (Objective::RecordTokens). In the stream documents follow each
// other without a mark, and a window may begin in one and end in another, as
// one document to the model: nanoGPT's way with text.
class Corpus {
 public:
  // Encodes both parts and holds their tokens in memory; images are asked for
  // when they are needed. Errors name the document and the remedy: an empty
  // part, a training part that is shorter than one sequence, a validation part
  // without a single target, text the tokenizer refuses, a document that the
  // objective refuses.
  static absl::StatusOr<std::unique_ptr<Corpus>> Make(const CorpusParts& parts);

  const TokenStream& stream(Split split) const {
    return split == Split::kTrain ? train_ : validation_;
  }
  // SHA-256 (hex) over all that samples are made of, in both parts.
  const std::string& hash() const { return hash_; }
  // What the objective knows of model and vocabulary.
  const ObjectiveInput& input() const { return input_; }
  // Whether samples are documents, not windows of the stream.
  bool documents() const { return record_tokens_ == 0; }
  // Whether samples are windows whose targets are the tokens after each.
  bool PredictsNextTokens() const {
    return record_tokens_ == sequence_tokens_ + 1;
  }
  // Whether a target is the class of a whole sample.
  bool PredictsClasses() const;
  // What is not wrong but seldom meant, a sentence each: targets that the
  // objective does not read, documents that do not fit in a sequence.
  std::vector<std::string> Remarks() const;
  // OK where every label is below `classes`; else names the first document.
  absl::Status CheckLabels(int64_t classes) const;

  // Training batch of samples first .. first + rows - 1. Of the stream, sample
  // i is a window at a place drawn uniformly from (seed, i); of documents, see
  // DocumentOrder. It is the same whatever the batch split, so that a resumed
  // run goes on with the next sample.
  absl::StatusOr<Batch> TrainingBatch(uint64_t seed, int64_t first_sample,
                                      int64_t rows) const;
  // Evaluation: the documents of the validation part in their order, or
  // consecutive windows of it, the last one shorter, so that every token that
  // can be a target is one exactly once.
  int64_t ValidationSamples() const;
  // Samples first .. first + rows - 1, fewer at the end. Rows shorter than the
  // longest are padded: segments -1, weights 0.
  absl::StatusOr<Batch> ValidationBatch(int64_t first_sample,
                                        int64_t rows) const;
  // The same with windows of another length, as the objective makes them there;
  // only where PredictsNextTokens().
  int64_t ValidationWindows(int64_t sequence_tokens) const;
  absl::StatusOr<Batch> ValidationWindowBatch(int64_t sequence_tokens,
                                              int64_t first_window,
                                              int64_t rows) const;

 private:
  Corpus() = default;
  absl::Status CheckLengths() const;
  // Makes a sample of every document, so that none is refused later.
  absl::Status CheckDocuments(Split split) const;
  // A sample of tokens begin .. begin + count - 1 of a stream.
  absl::StatusOr<Sample> FromWindow(const TokenStream& stream, int64_t begin,
                                    int64_t count, Random random) const;
  absl::StatusOr<Sample> FromDocument(Split split, int64_t index,
                                      Random random) const;
  absl::StatusOr<Sample> TrainingSample(uint64_t seed, int64_t index) const;
  absl::StatusOr<Sample> ValidationSample(int64_t index) const;
  // Tokens from one validation window to the next.
  int64_t Stride() const;
  absl::StatusOr<Batch> ToBatch(const std::vector<Sample>& samples,
                                int64_t first_sample) const;

  TokenStream train_, validation_;
  std::string hash_;
  const Dataset* dataset_ = nullptr;      // not owned
  const Objective* objective_ = nullptr;  // not owned
  ObjectiveInput input_;
  int64_t sequence_tokens_ = 0;           // T
  int64_t record_tokens_ = 0;             // of a window; 0: documents
  std::unique_ptr<DocumentOrder> order_;  // of training documents
};

}  // namespace archlab

#endif  // ARCHLAB_CORPUS_H_
