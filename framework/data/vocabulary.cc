// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "data/vocabulary.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace archlab {

absl::StatusOr<Vocabulary> Vocabulary::Make(
    const Tokenizer* tokenizer, const std::vector<std::string>& named,
    const Objective& objective) {
  Vocabulary made;
  if (tokenizer != nullptr) made.ordinary_ = tokenizer->VocabularySize();
  std::set<std::string> seen;
  for (const std::string& name : named) {
    if (name.empty())
      return absl::InvalidArgumentError("the name of a token is empty");
    if (!seen.insert(name).second)
      return absl::InvalidArgumentError(
          absl::StrCat("'", name, "' is named twice"));
    made.IdOf(tokenizer, name);
  }
  for (const std::string& name : objective.SpecialTokens())
    made.of_objective_.push_back(made.IdOf(tokenizer, name));
  return made;
}

int64_t Vocabulary::size() const {
  return std::max<int64_t>(1, ordinary_ + static_cast<int64_t>(added_.size()));
}

int32_t Vocabulary::IdOf(const Tokenizer* tokenizer, const std::string& name) {
  const int32_t known = tokenizer == nullptr ? -1 : tokenizer->SpecialId(name);
  if (known >= 0) return known;
  const auto found = std::find(added_.begin(), added_.end(), name);
  const auto id = static_cast<int32_t>(ordinary_ + (found - added_.begin()));
  if (found == added_.end()) added_.push_back(name);
  return id;
}

}  // namespace archlab
