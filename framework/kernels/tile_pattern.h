// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// TilePattern: a component's rule (which pairs of positions interact) as bits,
// one row a query position, evaluated once and shared by every layer, head and
// step that uses the rule. Memory is one bit a pair; with a largest distance it
// grows with the length alone.

#ifndef ARCHLAB_KERNELS_TILE_PATTERN_H_
#define ARCHLAB_KERNELS_TILE_PATTERN_H_

#include <cstdint>
#include <functional>
#include <vector>

namespace archlab {

class TilePattern {
 public:
  // Whether the query at position `query` sees the key at position `key`.
  using Rule = std::function<bool(int64_t query, int64_t key)>;

  // A causal pattern asks `sees` for key <= query only. `max_distance` is the
  // largest query - key for which `sees` may be true; -1: unbounded.
  TilePattern(Rule sees, bool causal, int64_t max_distance = -1);

  // Evaluates what is not yet known of queries [begin, end) and keys [0, keys).
  // Not to be called while another thread reads.
  void Grow(int64_t begin, int64_t end, int64_t keys);

  // Bit i: whether `query` sees `key + i`, i < 64; 0 for what was not grown and
  // for negative positions.
  uint64_t Bits(int64_t query, int64_t key) const;

 private:
  struct Row {
    int64_t first_word = 0;  // position / 64 of words[0]
    int64_t known = 0;       // keys [0, known) are evaluated
    std::vector<uint64_t> words;
  };
  uint64_t Word(const Row& row, int64_t index) const;

  const Rule sees_;
  const bool causal_;
  const int64_t max_distance_;
  std::vector<Row> rows_;
};

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_TILE_PATTERN_H_
