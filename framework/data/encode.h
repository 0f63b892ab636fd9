// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Encoding: the documents of a part as tokens.

#ifndef ARCHLAB_ENCODE_H_
#define ARCHLAB_ENCODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/dataset.h"
#include "archlab/tokenizer.h"

namespace archlab {

// One part of a corpus, encoded.
struct TokenStream {
  std::vector<int32_t> ids;  // all documents, in order
  int64_t documents = 0;
  int64_t bytes = 0;       // of UTF-8 text
  int64_t characters = 0;  // Unicode code points

  // Of each document: where its ids end, the pair's other half, the class.
  std::vector<int64_t> ends;
  std::vector<int32_t> target_ids;
  std::vector<int64_t> target_ends;
  std::vector<int64_t> labels;
  std::string patches_sha256;  // (hex) of all images

  // Where the ids of document `index` begin.
  int64_t Begin(int64_t index) const { return index ? ends[index - 1] : 0; }
  int64_t TargetBegin(int64_t index) const {
    return index ? target_ends[index - 1] : 0;
  }
  // Tokens of a document, the other half included.
  int64_t Length(int64_t index) const {
    return ends[index] - Begin(index) + target_ends[index] - TargetBegin(index);
  }
};

// Both parts of a corpus.
struct EncodedParts {
  TokenStream train, validation;
};

// Encodes all documents of a part. `tokenizer`: nullptr where the documents are
// images; text is an error then. Errors name the document.
absl::StatusOr<TokenStream> EncodePart(const Dataset& dataset,
                                       const Tokenizer* tokenizer, Split split);

// SHA-256 (hex) over all that samples are made of: the tokens, and with
// `documents` their borders, targets, labels and images.
std::string HashOf(const TokenStream& train, const TokenStream& validation,
                   bool documents);

// The status with the document's origin before its message.
absl::Status InDocument(const Dataset& dataset, Split split, int64_t index,
                        const absl::Status& status);

// "training" or "validation".
const char* NameOf(Split split);

}  // namespace archlab

#endif  // ARCHLAB_ENCODE_H_
