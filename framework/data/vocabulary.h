// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Vocabulary: all ids that a model reads and writes. The tokenizer's own come
// first; after them the tokens that stand for no text.

#ifndef ARCHLAB_VOCABULARY_H_
#define ARCHLAB_VOCABULARY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/objective.h"
#include "archlab/tokenizer.h"

namespace archlab {

class Vocabulary {
 public:
  // `tokenizer`: trained or loaded; nullptr where the data are images. `named`:
  // data.special_token. A name that the tokenizer has keeps its id there; the
  // others get new ids in their order, then those of `objective` that are
  // still missing. Refuses an empty name and one that `named` has twice.
  static absl::StatusOr<Vocabulary> Make(const Tokenizer* tokenizer,
                                         const std::vector<std::string>& named,
                                         const Objective& objective);

  // Ids of the tokenizer: 0 .. ordinary() - 1.
  int64_t ordinary() const { return ordinary_; }
  // V of the model, at least 1.
  int64_t size() const;
  // Names of the ids from ordinary() on.
  const std::vector<std::string>& added() const { return added_; }
  // Ids of Objective::SpecialTokens(), in their order.
  const std::vector<int32_t>& of_objective() const { return of_objective_; }

 private:
  // The id of a name, a new one where there is none yet.
  int32_t IdOf(const Tokenizer* tokenizer, const std::string& name);

  int64_t ordinary_ = 0;
  std::vector<std::string> added_;  // ids ordinary_ ..
  std::vector<int32_t> of_objective_;
};

}  // namespace archlab

#endif  // ARCHLAB_VOCABULARY_H_
