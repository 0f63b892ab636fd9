// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/decoding_loop.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "archlab/parallel_for.h"
#include "archlab/random.h"
#include "generation/beam_search.h"
#include "generation/generation_memory.h"
#include "generation/reader.h"
#include "generation/stop_filter.h"
#include "training/memory.h"

namespace archlab {
namespace {

// `most`: tokens that the model can read; -1: any number.
absl::Status CheckPrompt(const std::vector<int32_t>& ids, size_t index,
                         int64_t most) {
  if (ids.empty())
    return absl::InvalidArgumentError(absl::StrCat(
        "prompt ", index + 1,
        " has no tokens to continue; give it at least one character"));
  if (most >= 0 && static_cast<int64_t>(ids.size()) > most)
    return absl::InvalidArgumentError(absl::StrCat(
        "prompt ", index + 1, " has ", ids.size(),
        " tokens, but the model's positions end at ", most, "; shorten it"));
  return absl::OkStatus();
}

GenerationSize SizeOf(const std::vector<PromptIds>& prompts,
                      const DecodingOptions& options) {
  GenerationSize size;
  // Beams are searched for one prompt after the other.
  size.texts =
      options.beams > 1 ? options.beams : static_cast<int64_t>(prompts.size());
  for (const PromptIds& prompt : prompts)
    size.prompt_tokens = std::max<int64_t>(
        size.prompt_tokens,
        std::max(prompt.ids.size(), prompt.decoder_ids.size()));
  size.new_tokens = options.max_tokens;
  size.cached = options.cached;
  return size;
}

}  // namespace

int32_t DrawToken(absl::Span<const double> logits, double uniform) {
  // Fixed chunks, so that the sums do not depend on the number of threads.
  constexpr int64_t kChunk = 4096;
  const auto n = static_cast<int64_t>(logits.size());
  const double top = *std::max_element(logits.begin(), logits.end());
  Tensor kept = Tensor::Empty({n}, DType::kF64);
  double* const mass = kept.data<double>();
  std::vector<double> sums((n + kChunk - 1) / kChunk);
  ParallelFor(n, kChunk, [&](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t i = begin; i < end; ++i)
      sum += mass[i] = std::exp(logits[i] - top);
    sums[begin / kChunk] = sum;
  });
  const double total = std::accumulate(sums.begin(), sums.end(), 0.0);
  if (!std::isfinite(total)) return -1;
  double left = uniform * total;
  int64_t first = 0;  // of the chunk that is drawn from, but for rounding
  for (const double sum : sums) {
    if (left < sum) break;
    left -= sum;
    first += kChunk;
  }
  int32_t drawn = -1;
  for (int64_t i = first; i < n; ++i) {
    if (mass[i] <= 0) continue;
    drawn = static_cast<int32_t>(i);
    left -= mass[i];
    if (left < 0) return drawn;
  }
  // Rounding errors fall to the last token that can be drawn.
  for (int64_t i = n - 1; i >= 0 && drawn < 0; --i)
    if (mass[i] > 0) drawn = static_cast<int32_t>(i);
  return drawn;
}

absl::StatusOr<std::string> DecodingLoop::AsTokens(
    absl::string_view text) const {
  std::vector<int32_t> ids;
  ARCHLAB_RETURN_IF_ERROR(tokenizer_.Encode(text, &ids));
  std::string bytes;
  for (const int32_t id : ids) bytes += tokenizer_.Bytes(id);
  return bytes;
}

absl::StatusOr<PromptIds> DecodingLoop::Prompt(const std::string& text) const {
  std::vector<int32_t> ids;
  ARCHLAB_RETURN_IF_ERROR(tokenizer_.Encode(text, &ids));
  if (make_prompt_) return make_prompt_(ids);
  PromptIds prompt;
  prompt.ids = std::move(ids);
  return prompt;
}

absl::StatusOr<bool> DecodingLoop::Reads(const std::string& text) const {
  ARCHLAB_ASSIGN_OR_RETURN(const PromptIds prompt, Prompt(text));
  const int64_t most = model_.MaxPromptTokens();
  return most < 0 || static_cast<int64_t>(prompt.ids.size()) <= most;
}

absl::StatusOr<std::vector<PromptIds>> DecodingLoop::Prompts(
    const std::vector<std::string>& texts) const {
  std::vector<PromptIds> prompts(texts.size());
  for (size_t r = 0; r < texts.size(); ++r) {
    ARCHLAB_ASSIGN_OR_RETURN(prompts[r], Prompt(texts[r]));
    ARCHLAB_RETURN_IF_ERROR(
        CheckPrompt(prompts[r].ids, r, model_.MaxPromptTokens()));
    if (model_.HasEncoder())
      ARCHLAB_RETURN_IF_ERROR(
          CheckPrompt(prompts[r].decoder_ids, r, model_.MaxTokens()));
  }
  return prompts;
}

absl::StatusOr<std::vector<Generated>> DecodingLoop::Run(
    const std::vector<std::string>& prompts, const DecodingOptions& options,
    const TextSink& sink) const {
  if (!model_.Generates())
    return absl::InvalidArgumentError(
        "this model writes no text: it has a classification head, or is an "
        "encoder alone; use archlab eval");
  ARCHLAB_ASSIGN_OR_RETURN(const std::vector<PromptIds> read, Prompts(prompts));
  ARCHLAB_RETURN_IF_ERROR(
      CheckGenerationMemory(model_, SizeOf(read, options), AvailableMemory()));
  return options.beams > 1 ? Search(read, options, sink)
                           : Draw(read, options, sink);
}

absl::StatusOr<std::vector<Generated>> DecodingLoop::Search(
    const std::vector<PromptIds>& prompts, const DecodingOptions& options,
    const TextSink& sink) const {
  const BeamOptions beam = {options.beams, options.length_penalty,
                            options.max_tokens, options.cached};
  std::vector<Generated> results;
  for (size_t r = 0; r < prompts.size(); ++r) {
    ARCHLAB_ASSIGN_OR_RETURN(const std::vector<Hypothesis> found,
                             BeamSearch(model_, prompts[r], beam));
    const Hypothesis& best = found.front();
    StopFilter filter(options.stop);
    Generated made;
    made.ids = best.ids;
    for (const int32_t id : best.ids)
      made.text += filter.Push(tokenizer_.Bytes(id));
    made.text += filter.Finish();
    made.stopped = best.ended || filter.stopped();
    if (sink && !made.text.empty()) sink(r, made.text);
    results.push_back(std::move(made));
  }
  return results;
}

absl::StatusOr<std::vector<Generated>> DecodingLoop::Draw(
    const std::vector<PromptIds>& prompts, const DecodingOptions& options,
    const TextSink& sink) const {
  TokenRows rows;
  for (const PromptIds& prompt : prompts)
    rows.push_back(model_.HasEncoder() ? prompt.decoder_ids : prompt.ids);
  std::vector<StopFilter> filters(prompts.size(), StopFilter(options.stop));
  std::vector<Generated> results(prompts.size());
  const auto emit = [&](size_t r, const std::string& text) {
    results[r].text += text;
    if (sink && !text.empty()) sink(r, text);
  };
  Reader reader(model_, prompts, options.cached);
  size_t running = prompts.size();
  for (int64_t n = 0; n < options.max_tokens && running > 0; ++n) {
    ARCHLAB_ASSIGN_OR_RETURN(Tensor logits, reader.Read(rows));  // [B, V]
    const int64_t vocabulary = logits.dim(1);
    for (size_t r = 0; r < rows.size(); ++r) {
      const absl::Span<double> row(logits.data<double>() + r * vocabulary,
                                   vocabulary);
      for (const auto& sampler : samplers_) sampler->Apply(rows[r], row);
      const double uniform =
          Random(options.seed, r, SiteHash("generation")).Skip(2 * n).Uniform();
      const int32_t token = DrawToken(row, uniform);
      if (token < 0)
        return absl::InternalError(absl::StrCat(
            "the samplers leave no token to draw after ", rows[r].size(),
            " tokens; remove one of generation.sampler"));
      rows[r].push_back(token);  // rows that stopped go on unseen
      if (results[r].stopped) continue;
      results[r].stopped = token == prompts[r].end_id;
      if (!results[r].stopped) {
        results[r].ids.push_back(token);
        emit(r, filters[r].Push(tokenizer_.Bytes(token)));
        results[r].stopped = filters[r].stopped();
      }
      if (results[r].stopped) --running;
    }
  }
  for (size_t r = 0; r < rows.size(); ++r) emit(r, filters[r].Finish());
  return results;
}

}  // namespace archlab
