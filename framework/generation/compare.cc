// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/compare.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "archlab/status.h"

namespace archlab {

namespace {

// What the model writes for each source; nothing for one that it cannot read.
absl::StatusOr<std::vector<std::string>> Write(
    const DecodingLoop& loop, const std::vector<std::string>& sources,
    const DecodingOptions& decoding, int64_t* too_long) {
  std::vector<std::string> prompts, written(sources.size());
  std::vector<size_t> places;
  for (size_t i = 0; i < sources.size(); ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(const bool reads, loop.Reads(sources[i]));
    if (!reads) {
      ++*too_long;
      continue;
    }
    prompts.push_back(sources[i]);
    places.push_back(i);
  }
  if (prompts.empty()) return written;
  ARCHLAB_ASSIGN_OR_RETURN(const std::vector<Generated> made,
                           loop.Run(prompts, decoding, nullptr));
  for (size_t i = 0; i < made.size(); ++i)
    written[places[i]] = std::string(absl::StripAsciiWhitespace(made[i].text));
  return written;
}

}  // namespace

absl::StatusOr<Comparison> CompareGenerated(const DecodingLoop& loop,
                                            const Dataset& dataset,
                                            const ComparePlan& plan) {
  Comparison result;
  result.documents = dataset.Size(Split::kValidation);
  if (plan.documents > 0)
    result.documents = std::min(result.documents, plan.documents);
  std::vector<std::string> written;
  std::vector<std::vector<std::string>> references;
  for (int64_t first = 0; first < result.documents; first += plan.rows) {
    std::vector<std::string> sources;
    const int64_t end = std::min(first + plan.rows, result.documents);
    for (int64_t i = first; i < end; ++i) {
      ARCHLAB_ASSIGN_OR_RETURN(const Document document,
                               dataset.Get(Split::kValidation, i));
      if (document.target.empty())
        return absl::InvalidArgumentError(absl::StrCat(
            dataset.Origin(Split::kValidation, i),
            " has no target to compare with; data.dataset must give pairs"));
      sources.push_back(document.text);
      references.push_back({document.target});
    }
    ARCHLAB_ASSIGN_OR_RETURN(
        const std::vector<std::string> made,
        Write(loop, sources, plan.decoding, &result.too_long));
    for (const std::string& text : made) {
      // What the tokenizer cannot say counts against no model, nor does a
      // space that it puts before the first word.
      const std::string& reference = references[written.size()][0];
      const std::string target = loop.AsTokens(reference).value_or(reference);
      result.exact += text == absl::StripAsciiWhitespace(target);
      written.push_back(text);
    }
    if (plan.progress) plan.progress(end, result.documents);
  }
  result.bleu = CorpusBleu(written, references);
  return result;
}

}  // namespace archlab
