// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Learning pieces from counted words. The pair to join is the most frequent
// one, as in byte-pair encoding (arXiv:1508.07909, algorithm 1) and in
// HuggingFace's WordPieceTrainer; the likelihood ratio of the first WordPiece
// (Schuster and Nakajima, 2012) has no published implementation.

#ifndef ARCHLAB_TOKENIZER_WORDPIECE_PIECE_LEARNER_H_
#define ARCHLAB_TOKENIZER_WORDPIECE_PIECE_LEARNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

namespace archlab {

// How often each word occurs; words are UTF-8 and not empty.
using WordCounts = absl::flat_hash_map<std::string, int64_t>;

struct LearnLimits {
  int64_t vocabulary = 0;     // pieces, [UNK] included
  int64_t minimum_count = 1;  // of a pair that is joined
  int64_t alphabet = 0;       // characters
};

// [UNK]; the most frequent characters as pieces that begin a word, then as
// pieces that continue one (if they occur in words of two or more), both in the
// order of code points; then joined pairs: the most frequent first, of equals
// the one with the smaller left, then the smaller right id. Depends on the
// counts only, not on the order of the map. The distinct words may have 2^31
// characters.
absl::StatusOr<std::vector<std::string>> LearnPieces(const WordCounts& words,
                                                     const LearnLimits& limits);

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_WORDPIECE_PIECE_LEARNER_H_
