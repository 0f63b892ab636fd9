// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Merges: what a byte-pair encoding has learned. MergeTable: applies them.

#ifndef ARCHLAB_TOKENIZER_BPE_MERGE_TABLE_H_
#define ARCHLAB_TOKENIZER_BPE_MERGE_TABLE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace archlab {

// Two neighbouring tokens that become one.
struct Merge {
  int32_t left, right, result;
};

// A learned encoding.
struct Merges {
  std::vector<std::string> tokens;   // [V] the bytes of each id
  std::array<int32_t, 256> byte_id;  // the id of each single byte
  std::vector<Merge> merges;         // what was learned first comes first

  // The encoding that has learned nothing: V = 256, the id is the byte.
  static Merges Bytes();
};

class MergeTable {
 public:
  // Memory that EncodeWord uses, to be kept between words.
  struct Scratch {
    struct Candidate {
      int32_t rank;  // in the order of learning
      int64_t at;    // place of the left token
      uint64_t key;  // the pair as it was when this was noted
    };
    std::vector<int32_t> id;            // -1: merged into the one before
    std::vector<int64_t> before, next;  // neighbours that still stand; -1
    std::vector<Candidate> queue;       // a heap, the best at the front
  };

  explicit MergeTable(const Merges& merges);

  // Appends the ids of a word. Merges the pair that was learned first, the
  // leftmost of equals, until none is left: O(n log n) for n bytes.
  void EncodeWord(absl::string_view word, Scratch* scratch,
                  std::vector<int32_t>* ids) const;

 private:
  struct Rule {
    int32_t rank, result;
  };
  Rule Find(int32_t left, int32_t right) const;
  void EncodeShort(absl::string_view word, std::vector<int32_t>* ids) const;
  void EncodeLong(absl::string_view word, Scratch* scratch,
                  std::vector<int32_t>* ids) const;
  void Note(int64_t at, Scratch* scratch) const;

  std::array<int32_t, 256> byte_id_;
  absl::flat_hash_map<uint64_t, Rule> rules_;  // by PairKey
  absl::flat_hash_map<std::string, int32_t>
      whole_;  // words that merge to one token
};

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_BPE_MERGE_TABLE_H_
