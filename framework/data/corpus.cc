// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Samples of documents, and windows cut out of a stream.

#include "data/corpus.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "archlab/status.h"
#include "data/collate.h"

namespace archlab {
namespace {

// The same places are masked in every evaluation.
constexpr uint64_t kValidationSeed = 0;

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

absl::Status Empty(Split split, int64_t documents) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the ", NameOf(split), " part of the corpus is empty (", documents,
      " documents, no tokens); give data.dataset more text",
      split == Split::kValidation ? " or a larger validation share" : ""));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Corpus>> Corpus::Make(const CorpusParts& parts) {
  auto corpus = std::unique_ptr<Corpus>(new Corpus());
  corpus->dataset_ = parts.dataset;
  corpus->objective_ = parts.objective;
  corpus->sequence_tokens_ = parts.sequence_tokens;
  corpus->input_.sequence_tokens = parts.sequence_tokens;
  corpus->input_.vocabulary = parts.vocabulary->ordinary();
  corpus->input_.special = parts.vocabulary->of_objective();
  corpus->input_.patch_elements = parts.dataset->PatchElements();
  corpus->input_.decoder_only = parts.decoder_only;
  corpus->record_tokens_ = parts.objective->RecordTokens(parts.sequence_tokens);
  if (parts.encoded != nullptr) {
    corpus->train_ = std::move(parts.encoded->train);
    corpus->validation_ = std::move(parts.encoded->validation);
  } else {
    ARCHLAB_ASSIGN_OR_RETURN(
        corpus->train_,
        EncodePart(*parts.dataset, parts.tokenizer, Split::kTrain));
    ARCHLAB_ASSIGN_OR_RETURN(
        corpus->validation_,
        EncodePart(*parts.dataset, parts.tokenizer, Split::kValidation));
  }
  corpus->hash_ =
      HashOf(corpus->train_, corpus->validation_, corpus->documents());
  ARCHLAB_RETURN_IF_ERROR(corpus->CheckLengths());
  if (!corpus->documents()) return corpus;
  ARCHLAB_RETURN_IF_ERROR(corpus->CheckDocuments(Split::kTrain));
  ARCHLAB_RETURN_IF_ERROR(corpus->CheckDocuments(Split::kValidation));
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < corpus->train_.documents; ++i)
    lengths.push_back(corpus->train_.Length(i));
  corpus->order_ = std::make_unique<DocumentOrder>(std::move(lengths),
                                                   parts.group_by_length);
  return corpus;
}

absl::Status Corpus::CheckLengths() const {
  if (record_tokens_ < 0 || sequence_tokens_ < 1)
    return absl::InternalError(absl::StrCat(
        "the objective makes samples of ", sequence_tokens_, " tokens from ",
        record_tokens_, "; both must be positive"));
  for (const Split split : {Split::kTrain, Split::kValidation}) {
    const TokenStream& part = stream(split);
    if (documents() ? part.documents == 0 : part.ids.empty())
      return Empty(split, part.documents);
  }
  if (documents()) return absl::OkStatus();
  const int64_t train = static_cast<int64_t>(train_.ids.size());
  if (train < record_tokens_)
    return TooShort(Split::kTrain, train, record_tokens_, sequence_tokens_);
  if (ValidationSamples() < 1)
    return TooShort(Split::kValidation,
                    static_cast<int64_t>(validation_.ids.size()),
                    record_tokens_ - Stride() + 1, sequence_tokens_);
  return ValidationSample(0).status();
}

absl::Status Corpus::CheckDocuments(Split split) const {
  for (int64_t i = 0; i < stream(split).documents; ++i) {
    const Random random(kValidationSeed, i, SiteHash("data.validation"));
    ARCHLAB_RETURN_IF_ERROR(FromDocument(split, i, random).status());
  }
  return absl::OkStatus();
}

std::vector<std::string> Corpus::Remarks() const {
  if (!documents()) {
    if (train_.target_ids.empty()) return {};
    return {
        "the targets of the documents are not read: the objective takes "
        "windows "
        "of the text alone; for pairs there is [objective/seq2seq]"};
  }
  const auto first = FromDocument(Split::kTrain, 0, Random(0, 0, 0));
  if (!first.ok() || input_.patch_elements > 0) return {};
  const bool apart = !first->decoder_ids.empty();  // source and target
  int64_t cut = 0, longest = 0;
  for (int64_t i = 0; i < train_.documents; ++i) {
    const int64_t source = train_.ends[i] - train_.Begin(i);
    const int64_t target = train_.target_ends[i] - train_.TargetBegin(i);
    const int64_t length = apart ? std::max(source, target) : source + target;
    cut += length > sequence_tokens_;
    longest = std::max(longest, length);
  }
  if (cut == 0) return {};
  return {absl::StrCat(cut, " of ", train_.documents,
                       " training documents are longer than "
                       "data.sequence_tokens = ",
                       sequence_tokens_, " and are cut; the longest has ",
                       longest, " tokens")};
}

absl::Status Corpus::CheckLabels(int64_t classes) const {
  for (const Split split : {Split::kTrain, Split::kValidation}) {
    const std::vector<int64_t>& labels = stream(split).labels;
    const auto bad =
        std::find_if(labels.begin(), labels.end(),
                     [classes](int64_t label) { return label >= classes; });
    if (bad != labels.end())
      return absl::InvalidArgumentError(absl::StrCat(
          "must be more than the largest label, but is ", classes, ", and ",
          dataset_->Origin(split, bad - labels.begin()), " has label ", *bad));
  }
  return absl::OkStatus();
}

absl::StatusOr<Sample> Corpus::FromWindow(const TokenStream& stream,
                                          int64_t begin, int64_t count,
                                          Random random) const {
  Record record;
  record.ids.assign(stream.ids.begin() + begin,
                    stream.ids.begin() + begin + count);
  return objective_->Make(record, input_, random);
}

absl::StatusOr<Sample> Corpus::FromDocument(Split split, int64_t index,
                                            Random random) const {
  const TokenStream& part = stream(split);
  Record record;
  record.ids.assign(part.ids.begin() + part.Begin(index),
                    part.ids.begin() + part.ends[index]);
  record.target_ids.assign(part.target_ids.begin() + part.TargetBegin(index),
                           part.target_ids.begin() + part.target_ends[index]);
  record.label = part.labels[index];
  if (input_.patch_elements > 0) {
    ARCHLAB_ASSIGN_OR_RETURN(Document document, dataset_->Get(split, index));
    record.patches = std::move(document.patches);
  }
  absl::StatusOr<Sample> sample = objective_->Make(record, input_, random);
  if (sample.ok()) return sample;
  return InDocument(*dataset_, split, index, sample.status());
}

absl::StatusOr<Sample> Corpus::TrainingSample(uint64_t seed,
                                              int64_t index) const {
  const Random random(seed, index, SiteHash("data.objective"));
  if (documents())
    return FromDocument(Split::kTrain, order_->At(seed, index), random);
  const uint64_t places = train_.ids.size() - record_tokens_ + 1;
  const int64_t begin = static_cast<int64_t>(
      Random(seed, index, SiteHash("data.window")).Below(places));
  return FromWindow(train_, begin, record_tokens_, random);
}

absl::StatusOr<Batch> Corpus::TrainingBatch(uint64_t seed, int64_t first_sample,
                                            int64_t rows) const {
  std::vector<Sample> samples;
  for (int64_t i = first_sample; i < first_sample + rows; ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(Sample sample, TrainingSample(seed, i));
    samples.push_back(std::move(sample));
  }
  return ToBatch(samples, first_sample);
}

// Next-token prediction reads one token more than it has targets: windows share
// it. Other windows lie side by side.
int64_t Corpus::Stride() const {
  return record_tokens_ == sequence_tokens_ + 1 ? sequence_tokens_
                                                : record_tokens_;
}

int64_t Corpus::ValidationSamples() const {
  if (documents()) return validation_.documents;
  const int64_t shared = record_tokens_ - Stride();
  const int64_t targets = static_cast<int64_t>(validation_.ids.size()) - shared;
  return targets <= 0 ? 0 : (targets - 1) / Stride() + 1;
}

absl::StatusOr<Sample> Corpus::ValidationSample(int64_t index) const {
  const Random random(kValidationSeed, index, SiteHash("data.validation"));
  if (documents()) return FromDocument(Split::kValidation, index, random);
  const int64_t begin = index * Stride();
  const int64_t left = static_cast<int64_t>(validation_.ids.size()) - begin;
  return FromWindow(validation_, begin, std::min(record_tokens_, left), random);
}

absl::StatusOr<Batch> Corpus::ValidationBatch(int64_t first_sample,
                                              int64_t rows) const {
  const int64_t end = std::min(first_sample + rows, ValidationSamples());
  std::vector<Sample> samples;
  for (int64_t i = first_sample; i < end; ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(Sample sample, ValidationSample(i));
    samples.push_back(std::move(sample));
  }
  return ToBatch(samples, first_sample);
}

bool Corpus::PredictsClasses() const {
  return objective_->Loss().kind == LossKind::kClass;
}

int64_t Corpus::ValidationWindows(int64_t sequence_tokens) const {
  ARCHLAB_CHECK(PredictsNextTokens());
  const int64_t targets = static_cast<int64_t>(validation_.ids.size()) - 1;
  return (targets - 1) / sequence_tokens + 1;
}

absl::StatusOr<Batch> Corpus::ValidationWindowBatch(int64_t sequence_tokens,
                                                    int64_t first_window,
                                                    int64_t rows) const {
  ObjectiveInput input = input_;
  input.sequence_tokens = sequence_tokens;
  const auto end = static_cast<int64_t>(validation_.ids.size());
  std::vector<Sample> samples;
  for (int64_t i = first_window; i < first_window + rows; ++i) {
    const int64_t begin = i * sequence_tokens;
    const int64_t last = std::min(begin + sequence_tokens + 1, end);
    Record record;
    record.ids.assign(validation_.ids.begin() + begin,
                      validation_.ids.begin() + last);
    const Random random(kValidationSeed, i, SiteHash("data.validation"));
    ARCHLAB_ASSIGN_OR_RETURN(Sample sample,
                             objective_->Make(record, input, random));
    samples.push_back(std::move(sample));
  }
  return ToBatch(samples, first_window);
}

absl::StatusOr<Batch> Corpus::ToBatch(const std::vector<Sample>& samples,
                                      int64_t first_sample) const {
  return Collate(samples, first_sample,
                 {objective_->Loss().kind, input_.patch_elements});
}

}  // namespace archlab
