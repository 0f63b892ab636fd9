// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/attention_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/ops.h"
#include "archlab/status.h"
#include "generation/reader.h"

namespace archlab {
namespace {

using Ids = std::vector<int32_t>;

constexpr int64_t kMostWritten = 256;  // tokens

absl::StatusOr<Ids> Encoded(const OpenedRun& run, const std::string& text,
                            const char* option) {
  Ids ids;
  if (absl::Status status = run.tokenizer->Encode(text, &ids); !status.ok())
    return absl::Status(status.code(),
                        absl::StrCat(option, ": ", status.message()));
  if (ids.empty())
    return absl::InvalidArgumentError(
        absl::StrCat(option,
                     " has no tokens to look at; give it at least one "
                     "character"));
  return ids;
}

absl::Status CheckLength(size_t tokens, int64_t most, const char* option) {
  if (most < 0 || static_cast<int64_t>(tokens) <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(option, " has ", tokens,
                   " tokens with those that the objective adds, but the model "
                   "reads ",
                   most, "; shorten it"));
}

Tensor Row(const Ids& ids) {
  return Tensor::FromI32({1, static_cast<int64_t>(ids.size())}, ids);
}

// The most likely tokens after what the decoder begins with.
absl::StatusOr<Ids> Written(const OpenedRun& run, const PromptIds& prompt) {
  int64_t most = std::min<int64_t>(
      kMostWritten, run.spec.experiment().generation().max_tokens());
  const int64_t room = run.model->MaxTokens();
  Ids ids = prompt.decoder_ids;
  if (room >= 0) most = std::min<int64_t>(most, room - ids.size());
  Reader reader(*run.model, {prompt}, true);
  for (int64_t n = 0; n < most; ++n) {
    ARCHLAB_ASSIGN_OR_RETURN(const Tensor logits,
                             reader.Read({ids}));  // [1, V]
    const double* const row = logits.data<double>();
    const auto next =
        static_cast<int32_t>(std::max_element(row, row + logits.dim(1)) - row);
    if (next == prompt.end_id) break;
    ids.push_back(next);
  }
  return ids;
}

// A text for a model that writes none, whole.
absl::StatusOr<Batch> ReadOnly(const OpenedRun& run, const Ids& text) {
  Sample sample;
  sample.ids = text;
  if (run.objective->Loss().kind == LossKind::kClass) {
    ObjectiveInput input = PromptInput(run.spec, run.vocabulary);
    // What is too long must not be cut: a class has at most a few marks.
    input.sequence_tokens = static_cast<int64_t>(text.size()) + 8;
    Record record;
    record.ids = text;
    record.label = 0;
    ARCHLAB_ASSIGN_OR_RETURN(
        sample, run.objective->Make(record, input, Random(0, 0, 0)));
  }
  ARCHLAB_RETURN_IF_ERROR(
      CheckLength(sample.ids.size(), run.model->MaxTokens(), "--text"));
  Batch batch;
  batch.ids = Row(sample.ids);
  if (!sample.token_types.empty()) batch.token_types = Row(sample.token_types);
  return batch;
}

}  // namespace

absl::StatusOr<Batch> AttentionText(const OpenedRun& run,
                                    const std::string& text,
                                    const std::optional<std::string>& target) {
  if (run.tokenizer == nullptr)
    return absl::InvalidArgumentError(absl::StrCat(
        run.folder.path(),
        ": a model of images reads patches; archlab attention shows text"));
  ARCHLAB_ASSIGN_OR_RETURN(const Ids ids, Encoded(run, text, "--text"));
  Ids target_ids;
  if (target) {
    if (!run.model->Generates())
      return absl::InvalidArgumentError(
          "--target: this model writes no text; leave it out");
    ARCHLAB_ASSIGN_OR_RETURN(target_ids, Encoded(run, *target, "--target"));
  }
  if (!run.model->Generates()) return ReadOnly(run, ids);
  ARCHLAB_ASSIGN_OR_RETURN(
      PromptIds prompt,
      run.objective->Prompt(ids, PromptInput(run.spec, run.vocabulary)));
  ARCHLAB_RETURN_IF_ERROR(
      CheckLength(prompt.ids.size(), run.model->MaxPromptTokens(), "--text"));
  const bool encoder = run.model->HasEncoder();
  Ids& last = encoder ? prompt.decoder_ids : prompt.ids;
  last.insert(last.end(), target_ids.begin(), target_ids.end());
  ARCHLAB_RETURN_IF_ERROR(CheckLength(
      last.size(), run.model->MaxTokens(),
      encoder || !target ? "--target" : "--text together with --target"));
  Batch batch;
  batch.ids = Row(prompt.ids);
  if (encoder) {
    Ids decoder_ids = last;
    if (!target) {
      ARCHLAB_ASSIGN_OR_RETURN(decoder_ids, Written(run, prompt));
    }
    batch.decoder_ids = Row(decoder_ids);
  } else if (prompt.prefix_tokens > 0) {
    batch.prefix =
        Tensor::FromI32({1}, Ids{static_cast<int32_t>(prompt.prefix_tokens)});
  }
  return batch;
}

}  // namespace archlab
