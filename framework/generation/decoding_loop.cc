// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/decoding_loop.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "archlab/random.h"
#include "generation/stop_filter.h"

namespace archlab {
namespace {

using Rows = std::vector<std::vector<int32_t>>;

// Rows as ids and segments [B, T], padded on the left to the longest.
struct Padded {
  Tensor ids, segments;
};

Padded PadLeft(const Rows& rows) {
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

// Reads sequences through the model, with a cache or whole each time.
class Reader {
 public:
  Reader(Model& model, bool cached) : model_(model), cached_(cached) {}

  // Logits [B, V] after the last token of each row.
  Tensor Read(const Rows& rows) {
    const bool fits = state_ && !Full();
    if (cached_ && fits) return Step(rows);
    state_ = model_.NewState(rows.size());
    const Padded window = PadLeft(Window(rows));
    return Last(model_.Decode(window.ids, window.segments, state_.get()));
  }

 private:
  bool Full() const {
    return model_.MaxTokens() >= 0 && state_->tokens() >= model_.MaxTokens();
  }

  Tensor Step(const Rows& rows) {
    Rows last;
    for (const auto& row : rows) last.push_back({row.back()});
    return Last(model_.Decode(PadLeft(last).ids, Tensor(), state_.get()));
  }

  // The part of each row that the model reads. A full window starts again at
  // the last multiple of half its length, so that with and without a cache the
  // same tokens are seen.
  Rows Window(const Rows& rows) const {
    const int64_t most = model_.MaxTokens();
    int64_t longest = 0;
    for (const auto& row : rows)
      longest = std::max<int64_t>(longest, row.size());
    if (most < 0 || longest <= most) return rows;
    const int64_t jump = std::max<int64_t>(1, most / 2);
    const int64_t dropped = (longest - most + jump - 1) / jump * jump;
    Rows window;
    for (const auto& row : rows) {
      // Rows are aligned at their ends; shorter ones lose less.
      const int64_t lead = longest - static_cast<int64_t>(row.size());
      const int64_t skip = std::max<int64_t>(0, dropped - lead);
      window.emplace_back(row.begin() + skip, row.end());
    }
    return window;
  }

  static Tensor Last(const Tensor& logits) {  // [B, T, V]
    const int64_t batch = logits.dim(0), tokens = logits.dim(1);
    Tensor last = Tensor::Empty({batch, logits.dim(2)}, DType::kF64);  // [B, V]
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t v = 0; v < logits.dim(2); ++v)
        last.data<double>()[b * logits.dim(2) + v] =
            logits.At((b * tokens + tokens - 1) * logits.dim(2) + v);
    return last;
  }

  Model& model_;
  const bool cached_;
  std::unique_ptr<DecodeState> state_;
};

absl::Status CheckPrompt(const std::vector<int32_t>& ids, size_t index,
                         const Model& model) {
  if (ids.empty())
    return absl::InvalidArgumentError(absl::StrCat(
        "prompt ", index + 1,
        " has no tokens to continue; give it at least one character"));
  if (model.MaxTokens() >= 0 &&
      static_cast<int64_t>(ids.size()) > model.MaxTokens())
    return absl::InvalidArgumentError(
        absl::StrCat("prompt ", index + 1, " has ", ids.size(),
                     " tokens, but the model's positions end at ",
                     model.MaxTokens(), "; shorten it"));
  return absl::OkStatus();
}

}  // namespace

int32_t DrawToken(absl::Span<const double> logits, double uniform) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double total = 0;
  for (const double logit : logits) total += std::exp(logit - top);
  double left = uniform * total;
  int32_t drawn = -1;
  for (size_t i = 0; i < logits.size(); ++i) {
    const double mass = std::exp(logits[i] - top);
    if (mass <= 0) continue;
    drawn = static_cast<int32_t>(i);  // the last one takes the rounding error
    left -= mass;
    if (left < 0) break;
  }
  return drawn;
}

absl::StatusOr<std::vector<Generated>> DecodingLoop::Run(
    const std::vector<std::string>& prompts, const DecodingOptions& options,
    const TextSink& sink) const {
  Rows rows(prompts.size());
  std::vector<StopFilter> filters(prompts.size(), StopFilter(options.stop));
  for (size_t r = 0; r < prompts.size(); ++r) {
    ARCHLAB_RETURN_IF_ERROR(tokenizer_.Encode(prompts[r], &rows[r]));
    ARCHLAB_RETURN_IF_ERROR(CheckPrompt(rows[r], r, model_));
  }
  std::vector<Generated> results(prompts.size());
  const auto emit = [&](size_t r, const std::string& text) {
    results[r].text += text;
    if (sink && !text.empty()) sink(r, text);
  };
  Reader reader(model_, options.cached);
  size_t running = prompts.size();
  for (int64_t n = 0; n < options.max_tokens && running > 0; ++n) {
    Tensor logits = reader.Read(rows);  // [B, V]
    const int64_t vocabulary = logits.dim(1);
    for (size_t r = 0; r < rows.size(); ++r) {
      const absl::Span<double> row(logits.data<double>() + r * vocabulary,
                                   vocabulary);
      for (const auto& sampler : samplers_) sampler->Apply(rows[r], row);
      const double uniform =
          Random(options.seed, r, SiteHash("generation")).Skip(2 * n).Uniform();
      const int32_t token = DrawToken(row, uniform);
      rows[r].push_back(token);  // rows that stopped go on unseen
      if (filters[r].stopped()) continue;
      results[r].ids.push_back(token);
      emit(r, filters[r].Push(tokenizer_.Bytes(token)));
      if (filters[r].stopped()) --running;
    }
  }
  for (size_t r = 0; r < rows.size(); ++r) {
    emit(r, filters[r].Finish());
    results[r].stopped = filters[r].stopped();
  }
  return results;
}

}  // namespace archlab
