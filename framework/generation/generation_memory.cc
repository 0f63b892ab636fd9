// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/generation_memory.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "training/memory.h"

namespace archlab {

absl::Status CheckGenerationMemory(const Model& model,
                                   const GenerationSize& size,
                                   int64_t available) {
  int64_t tokens = size.prompt_tokens + size.new_tokens;
  if (model.MaxTokens() >= 0) tokens = std::min(tokens, model.MaxTokens());
  const int64_t read = size.cached ? std::min(size.prompt_tokens, tokens)
                                   : tokens;  // in the longest pass
  const auto texts = static_cast<double>(size.texts);
  // The capacity of a cache doubles when it is used up.
  const double cache =
      2 * texts *
      static_cast<double>(
          model.Count(tokens, CountPairs::kNo).total.kv_cache_bytes);
  // f32; with a cache only those of the last token are made.
  const bool last = size.cached && model.Cacheable();
  const double logits =
      4 * texts * static_cast<double>((last ? 1 : read) * model.vocabulary());
  // Without a tape, of one part at a time.
  int64_t largest = 0;
  for (const CountRow& row : model.Count(read, CountPairs::kNo).rows)
    largest = std::max(largest, row.activation_bytes);
  const double activations = texts * static_cast<double>(largest);
  const double total = cache + logits + activations;
  if (available < 0 || total <= static_cast<double>(available))
    return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "writing ", size.texts, size.texts == 1 ? " text" : " texts", " of ",
      tokens, " tokens would take about ", FormatBytes(total),
      " of memory, and ", FormatBytes(static_cast<double>(available)),
      " are free: keys and values ", FormatBytes(cache), ", logits ",
      FormatBytes(logits), ", activations ", FormatBytes(activations),
      ". Write fewer texts at once, or fewer tokens (--max-tokens)"));
}

}  // namespace archlab
