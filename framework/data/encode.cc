// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "data/encode.h"

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "archlab/utf8.h"
#include "base/sha256.h"

namespace archlab {
namespace {

template <class T>
void HashVector(const std::vector<T>& values, Sha256* hash) {
  const uint64_t count = values.size();
  hash->Update(&count, sizeof(count));
  hash->Update(values.data(), count * sizeof(T));
}

// Appends the ids of a text. They are made on their own first: a tokenizer may
// reserve exactly what it adds, which would copy `ids` for each document.
absl::Status Encode(const Tokenizer* tokenizer, const std::string& text,
                    std::vector<int32_t>* ids) {
  if (text.empty()) return absl::OkStatus();
  if (tokenizer == nullptr)
    return absl::InvalidArgumentError(
        "the document has a text, but there is no data.tokenizer");
  std::vector<int32_t> own;
  ARCHLAB_RETURN_IF_ERROR(tokenizer->Encode(text, &own));
  ids->insert(ids->end(), own.begin(), own.end());
  return absl::OkStatus();
}

// Appends one document.
absl::Status Append(const Document& document, const Tokenizer* tokenizer,
                    TokenStream* stream, Sha256* patches) {
  stream->bytes += static_cast<int64_t>(document.text.size());
  stream->characters += CountCodePoints(document.text);
  ARCHLAB_RETURN_IF_ERROR(Encode(tokenizer, document.text, &stream->ids));
  ARCHLAB_RETURN_IF_ERROR(
      Encode(tokenizer, document.target, &stream->target_ids));
  stream->ends.push_back(static_cast<int64_t>(stream->ids.size()));
  stream->target_ends.push_back(
      static_cast<int64_t>(stream->target_ids.size()));
  stream->labels.push_back(document.label);
  patches->Update(document.patches.data(),
                  document.patches.size() * sizeof(float));
  return absl::OkStatus();
}

}  // namespace

const char* NameOf(Split split) {
  return split == Split::kTrain ? "training" : "validation";
}

absl::Status InDocument(const Dataset& dataset, Split split, int64_t index,
                        const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat("in ", dataset.Origin(split, index), ": ",
                                   status.message()));
}

absl::StatusOr<TokenStream> EncodePart(const Dataset& dataset,
                                       const Tokenizer* tokenizer,
                                       Split split) {
  TokenStream stream;
  Sha256 patches;
  stream.documents = dataset.Size(split);
  for (int64_t i = 0; i < stream.documents; ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(const Document document, dataset.Get(split, i));
    const absl::Status status = Append(document, tokenizer, &stream, &patches);
    if (!status.ok()) return InDocument(dataset, split, i, status);
  }
  stream.patches_sha256 = patches.HexDigest();
  return stream;
}

std::string HashOf(const TokenStream& train, const TokenStream& validation,
                   bool documents) {
  Sha256 hash;
  for (const TokenStream* part : {&train, &validation}) {
    HashVector(part->ids, &hash);
    if (!documents) continue;
    HashVector(part->ends, &hash);
    HashVector(part->target_ids, &hash);
    HashVector(part->target_ends, &hash);
    HashVector(part->labels, &hash);
    hash.Update(part->patches_sha256);
  }
  return hash.HexDigest();
}

}  // namespace archlab
