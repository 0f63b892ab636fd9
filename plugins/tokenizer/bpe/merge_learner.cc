// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Learning merges; the work is PairLearner's.

#include "merge_learner.h"

#include <limits>
#include <vector>

#include "archlab/pair_learner.h"

namespace archlab {

absl::StatusOr<Merges> LearnMerges(const WordCounts& words, int64_t vocabulary,
                                   int64_t minimum_count) {
  size_t bytes = 0;
  for (const auto& [word, count] : words) bytes += word.size();
  if (bytes > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
    return absl::ResourceExhaustedError(
        "the distinct words of the training part have more than 2 GiB; learn "
        "the merges from a part of the text and name them in vocab_file and "
        "merges_file");
  PairLearner learner(bytes);
  std::vector<int32_t> ids;
  for (const auto& [word, count] : words) {
    ids.clear();
    for (const char byte : word) ids.push_back(static_cast<uint8_t>(byte));
    learner.AddWord(ids, count);
  }
  Merges learned = Merges::Bytes();
  uint64_t key = 0;
  while (static_cast<int64_t>(learned.tokens.size()) < vocabulary &&
         learner.Next(minimum_count, &key)) {
    const int32_t left = static_cast<int32_t>(key >> 32);
    const int32_t right = static_cast<int32_t>(key & 0xFFFFFFFF);
    const int32_t result = static_cast<int32_t>(learned.tokens.size());
    learned.merges.push_back({left, right, result});
    learned.tokens.push_back(learned.tokens[left] + learned.tokens[right]);
    learner.Replace(key, result);
  }
  return learned;
}

}  // namespace archlab
