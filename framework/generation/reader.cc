// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/ops.h"
#include "kernels/convert.h"

namespace archlab {
namespace {

// Rows as ids and segments [B, T], padded on the left to the longest.
struct Padded {
  Tensor ids, segments;
};

Padded PadLeft(const TokenRows& rows) {
  size_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, row.size());
  const auto batch = static_cast<int64_t>(rows.size());
  const auto tokens = static_cast<int64_t>(longest);
  Padded padded = {Tensor::Zeros({batch, tokens}, DType::kI32),  // [B, T]
                   Tensor::Full({batch, tokens}, DType::kI32, -1)};
  for (int64_t b = 0; b < batch; ++b) {
    const auto& row = rows[b];
    const int64_t end = (b + 1) * tokens, begin = end - row.size();
    std::copy(row.begin(), row.end(), padded.ids.data<int32_t>() + begin);
    std::fill(padded.segments.data<int32_t>() + begin,
              padded.segments.data<int32_t>() + end, 0);
  }
  return padded;
}

// The part of each row that the model reads, and how much it leaves out.
struct Window {
  TokenRows rows;
  std::vector<int64_t> skipped;
};

// A full window starts again at the last multiple of half its length, so that
// with and without a cache the same tokens are seen.
Window WindowOf(const TokenRows& rows, int64_t most) {
  int64_t longest = 0;
  for (const auto& row : rows) longest = std::max<int64_t>(longest, row.size());
  if (most < 0 || longest <= most)
    return {rows, std::vector<int64_t>(rows.size(), 0)};
  const int64_t jump = std::max<int64_t>(1, most / 2);
  const int64_t dropped = (longest - most + jump - 1) / jump * jump;
  Window window;
  for (const auto& row : rows) {
    // Rows are aligned at their ends; shorter ones lose less.
    const int64_t lead = longest - static_cast<int64_t>(row.size());
    const int64_t skip = std::max<int64_t>(0, dropped - lead);
    window.rows.emplace_back(row.begin() + skip, row.end());
    window.skipped.push_back(skip);
  }
  return window;
}

// Logits [B, T, V] -> [B, V] of the last tokens, f64.
Tensor Last(const Tensor& logits) {
  const int64_t batch = logits.dim(0), tokens = logits.dim(1);
  Tensor last = Tensor::Empty({batch, logits.dim(2)}, DType::kF64);  // [B, V]
  const Tensor rows = logits.View({batch * tokens, logits.dim(2)});
  for (int64_t b = 0; b < batch; ++b) {
    const Tensor row = rows.Rows((b + 1) * tokens - 1, 1);
    Convert(row.raw(), row.dtype(), last.Rows(b, 1).raw(), DType::kF64,
            row.size());
  }
  return last;
}

// i32 [B]: what is left of each prefix; undefined when there is none.
Tensor PrefixOf(const std::vector<int32_t>& prefix,
                const std::vector<int64_t>& skipped) {
  std::vector<int32_t> left;
  bool any = false;
  for (size_t r = 0; r < prefix.size(); ++r) {
    left.push_back(
        static_cast<int32_t>(std::max<int64_t>(0, prefix[r] - skipped[r])));
    any |= left.back() > 0;
  }
  if (!any) return Tensor();
  return Tensor::FromI32({static_cast<int64_t>(left.size())}, left);
}

}  // namespace

Reader::Reader(Model& model, const std::vector<PromptIds>& prompts, bool cached)
    : model_(model), cached_(cached && model.Cacheable()) {
  for (const PromptIds& prompt : prompts) {
    if (model.HasEncoder()) sources_.push_back(prompt.ids);
    prefix_.push_back(static_cast<int32_t>(prompt.prefix_tokens));
  }
}

bool Reader::Full() const {
  return model_.MaxTokens() >= 0 && state_->tokens() >= model_.MaxTokens();
}

absl::StatusOr<Tensor> Reader::Read(const TokenRows& rows) {
  const NoGrad no_grad;
  Tensor logits = cached_ ? ReadCached(rows) : ReadWhole(rows);  // [B, V]
  const double* const x = logits.data<double>();
  if (!std::all_of(x, x + logits.size(), [](double l) { return l < INFINITY; }))
    return absl::InternalError(absl::StrCat(
        "after ", rows[0].size(),
        " tokens the model's logits are not numbers: "
        "its weights have diverged; use an earlier checkpoint, or train with a "
        "smaller learning rate"));
  return logits;
}

Tensor Reader::ReadCached(const TokenRows& rows) {
  if (state_ && !Full()) {
    TokenRows last;
    for (const auto& row : rows) last.push_back({row.back()});
    return Last(model_.Decode(PadLeft(last).ids, Tensor(), state_.get()));
  }
  state_ = model_.NewState(static_cast<int64_t>(rows.size()));
  if (model_.HasEncoder()) {
    const Padded sources = PadLeft(sources_);
    model_.ReadSource(sources.ids, sources.segments, state_.get());
  }
  const Window window = WindowOf(rows, model_.MaxTokens());
  const Padded padded = PadLeft(window.rows);
  return Last(model_.Decode(padded.ids, padded.segments, state_.get(),
                            PrefixOf(prefix_, window.skipped),
                            LogitsOf::kLastToken));
}

Tensor Reader::ReadWhole(const TokenRows& rows) {
  const Window window = WindowOf(rows, model_.MaxTokens());
  const Padded padded = PadLeft(window.rows);
  Batch batch;
  if (model_.HasEncoder()) {
    const Padded sources = PadLeft(sources_);
    batch.ids = sources.ids;
    batch.segments = sources.segments;
    batch.decoder_ids = padded.ids;
    batch.decoder_segments = padded.segments;
  } else {
    batch.ids = padded.ids;
    batch.segments = padded.segments;
    batch.prefix = PrefixOf(prefix_, window.skipped);
  }
  return Last(model_.Logits(batch, PassOptions()));
}

void Reader::Gather(absl::Span<const int32_t> rows) {
  const auto pick = [rows](auto& from) {
    auto picked = from;
    picked.clear();
    for (const int32_t row : rows) picked.push_back(from[row]);
    from = std::move(picked);
  };
  if (!sources_.empty()) pick(sources_);
  pick(prefix_);
  if (state_) state_->Gather(rows);
}

}  // namespace archlab
