// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Encoding a dataset, and cutting windows out of it.

#include "data/corpus.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "archlab/utf8.h"
#include "base/sha256.h"
#include "data/collate.h"

namespace archlab {
namespace {

const char* NameOf(Split split) {
  return split == Split::kTrain ? "training" : "validation";
}

absl::StatusOr<TokenStream> EncodePart(const Dataset& dataset,
                                       const Tokenizer& tokenizer,
                                       Split split) {
  TokenStream stream;
  stream.documents = dataset.Size(split);
  for (int64_t i = 0; i < stream.documents; ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(const Document document, dataset.Get(split, i));
    stream.bytes += static_cast<int64_t>(document.text.size());
    stream.characters += CountCodePoints(document.text);
    const absl::Status status = tokenizer.Encode(document.text, &stream.ids);
    if (!status.ok())
      return absl::Status(status.code(),
                          absl::StrCat("in ", dataset.Origin(split, i), ": ",
                                       status.message()));
  }
  if (stream.ids.empty())
    return absl::InvalidArgumentError(absl::StrCat(
        "the ", NameOf(split), " part of the corpus is empty (",
        stream.documents, " documents, no tokens); give data.dataset more text",
        split == Split::kValidation ? " or a larger validation share" : ""));
  return stream;
}

std::string HashOf(const TokenStream& a, const TokenStream& b) {
  Sha256 hash;
  for (const TokenStream* stream : {&a, &b}) {
    const uint64_t count = stream->ids.size();
    hash.Update(&count, sizeof(count));
    hash.Update(stream->ids.data(), count * sizeof(int32_t));
  }
  return hash.HexDigest();
}

absl::Status TooShort(Split split, int64_t tokens, int64_t needed,
                      int64_t sequence_tokens) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the ", NameOf(split), " part of the corpus has ", tokens, " token",
      tokens == 1 ? "" : "s", ", but ", needed,
      " are needed with data.sequence_tokens = ", sequence_tokens,
      split == Split::kTrain
          ? "; give data.dataset more text or make data.sequence_tokens smaller"
          : "; give data.dataset more text or a larger validation share"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Corpus>> Corpus::Make(const Dataset& dataset,
                                                     const Tokenizer& tokenizer,
                                                     const Objective& objective,
                                                     int64_t sequence_tokens) {
  auto corpus = std::unique_ptr<Corpus>(new Corpus());
  corpus->objective_ = &objective;
  corpus->sequence_tokens_ = sequence_tokens;
  corpus->input_.sequence_tokens = sequence_tokens;
  corpus->record_tokens_ = objective.RecordTokens(sequence_tokens);
  ARCHLAB_ASSIGN_OR_RETURN(corpus->train_,
                           EncodePart(dataset, tokenizer, Split::kTrain));
  ARCHLAB_ASSIGN_OR_RETURN(corpus->validation_,
                           EncodePart(dataset, tokenizer, Split::kValidation));
  ARCHLAB_RETURN_IF_ERROR(corpus->CheckLengths());
  corpus->hash_ = HashOf(corpus->train_, corpus->validation_);
  return corpus;
}

absl::Status Corpus::CheckLengths() const {
  if (record_tokens_ < 1 || sequence_tokens_ < 1)
    return absl::InternalError(absl::StrCat(
        "the objective makes samples of ", sequence_tokens_, " tokens from ",
        record_tokens_, "; both must be at least 1"));
  const int64_t train = static_cast<int64_t>(train_.ids.size());
  if (train < record_tokens_)
    return TooShort(Split::kTrain, train, record_tokens_, sequence_tokens_);
  if (ValidationSamples() < 1)
    return TooShort(Split::kValidation,
                    static_cast<int64_t>(validation_.ids.size()),
                    record_tokens_ - sequence_tokens_ + 1, sequence_tokens_);
  return absl::OkStatus();
}

absl::StatusOr<Sample> Corpus::MakeSample(const TokenStream& stream,
                                          int64_t begin, int64_t count,
                                          Random random) const {
  Record record;
  record.ids.assign(stream.ids.begin() + begin,
                    stream.ids.begin() + begin + count);
  return objective_->Make(record, input_, random);
}

absl::StatusOr<Batch> Corpus::TrainingBatch(uint64_t seed, int64_t first_sample,
                                            int64_t rows) const {
  const uint64_t places = train_.ids.size() - record_tokens_ + 1;
  std::vector<Sample> samples;
  for (int64_t i = first_sample; i < first_sample + rows; ++i) {
    const int64_t begin = static_cast<int64_t>(
        Random(seed, i, SiteHash("data.window")).Below(places));
    ARCHLAB_ASSIGN_OR_RETURN(
        Sample sample, MakeSample(train_, begin, record_tokens_,
                                  Random(seed, i, SiteHash("data.objective"))));
    samples.push_back(std::move(sample));
  }
  return Collate(samples, first_sample);
}

// Window w begins at token w * T. It shares the record_tokens - T tokens that
// are no targets of its own (the first one, for next-token prediction) with the
// window before.
int64_t Corpus::ValidationSamples() const {
  const int64_t shared =
      std::max<int64_t>(0, record_tokens_ - sequence_tokens_);
  const int64_t targets = static_cast<int64_t>(validation_.ids.size()) - shared;
  return targets <= 0 ? 0 : (targets - 1) / sequence_tokens_ + 1;
}

absl::StatusOr<Batch> Corpus::ValidationBatch(int64_t first_sample,
                                              int64_t rows) const {
  // The same places are masked in every evaluation.
  constexpr uint64_t kSeed = 0;
  const int64_t end = std::min(first_sample + rows, ValidationSamples());
  const int64_t tokens = static_cast<int64_t>(validation_.ids.size());
  std::vector<Sample> samples;
  for (int64_t i = first_sample; i < end; ++i) {
    const int64_t begin = i * sequence_tokens_;
    ARCHLAB_ASSIGN_OR_RETURN(
        Sample sample,
        MakeSample(validation_, begin, std::min(record_tokens_, tokens - begin),
                   Random(kSeed, i, SiteHash("data.validation"))));
    samples.push_back(std::move(sample));
  }
  return Collate(samples, first_sample);
}

}  // namespace archlab
