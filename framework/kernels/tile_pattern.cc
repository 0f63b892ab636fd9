// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/tile_pattern.h"

#include <algorithm>
#include <utility>

namespace archlab {

TilePattern::TilePattern(Rule sees, bool causal, int64_t max_distance)
    : sees_(std::move(sees)), causal_(causal), max_distance_(max_distance) {}

void TilePattern::Grow(int64_t begin, int64_t end, int64_t keys) {
  if (end > int64_t(rows_.size())) rows_.resize(end);
  for (int64_t query = std::max<int64_t>(begin, 0); query < end; ++query) {
    Row& row = rows_[query];
    const int64_t first =
        max_distance_ < 0 ? 0 : std::max<int64_t>(0, query - max_distance_);
    const int64_t last = causal_ ? std::min(keys, query + 1) : keys;
    if (row.words.empty()) row.first_word = first / 64;
    const int64_t words = (last + 63) / 64 - row.first_word;
    if (words > int64_t(row.words.size())) row.words.resize(words, 0);
    for (int64_t key = std::max(first, row.known); key < last; ++key) {
      if (!sees_(query, key)) continue;
      row.words[key / 64 - row.first_word] |= uint64_t{1} << (key % 64);
    }
    row.known = std::max(row.known, last);
  }
}

uint64_t TilePattern::Word(const Row& row, int64_t index) const {
  const int64_t i = index - row.first_word;
  return i < 0 || i >= int64_t(row.words.size()) ? 0 : row.words[i];
}

uint64_t TilePattern::Bits(int64_t query, int64_t key) const {
  if (query < 0 || query >= int64_t(rows_.size()) || key <= -64) return 0;
  const Row& row = rows_[query];
  if (key < 0) return Word(row, 0) << -key;
  const int64_t word = key / 64, shift = key % 64;
  if (shift == 0) return Word(row, word);
  return Word(row, word) >> shift | Word(row, word + 1) << (64 - shift);
}

}  // namespace archlab
