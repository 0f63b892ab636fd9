// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Learning merges from counted words. Source: Sennrich et al.,
// arXiv:1508.07909, section 3.2 (algorithm 1), over bytes.

#ifndef ARCHLAB_TOKENIZER_BPE_MERGE_LEARNER_H_
#define ARCHLAB_TOKENIZER_BPE_MERGE_LEARNER_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "merge_table.h"

namespace archlab {

// How often each word occurs.
using WordCounts = absl::flat_hash_map<std::string, int64_t>;

// Merges the most frequent pair of neighbours, of equally frequent ones the
// one with the smaller left, then the smaller right id, until there are
// `vocabulary` ids or no pair occurs `minimum_count` times. Depends on the
// counts only, not on the order of the map. The distinct words may have 2 GiB.
absl::StatusOr<Merges> LearnMerges(const WordCounts& words, int64_t vocabulary,
                                   int64_t minimum_count);

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_BPE_MERGE_LEARNER_H_
