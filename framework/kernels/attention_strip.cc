// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/attention_strip.h"

#include <algorithm>

namespace archlab {

bool AnySees(const AttentionMask& mask, int64_t b, int64_t begin, int64_t rows,
             int64_t key_tile) {
  const int64_t last = (begin + rows - 1) / kTile;
  for (int64_t qt = begin / kTile; qt <= last; ++qt) {
    if (mask.Any(b, qt, key_tile)) return true;
  }
  return false;
}

Strip::Strip(const AttentionMask& mask, int64_t b, int64_t begin, int64_t rows)
    : Strip(mask, b, begin, rows, 0, mask.key_tiles()) {}

Strip::Strip(const AttentionMask& mask, int64_t b, int64_t begin, int64_t rows,
             int64_t first_tile, int64_t end_tile)
    : begin(begin), rows(rows) {
  for (int64_t kt = first_tile; kt < end_tile; ++kt) {
    if (!AnySees(mask, b, begin, rows, kt)) continue;
    const int64_t key = kt * kTile;
    const int64_t count = std::min(kTile, mask.keys() - key);
    if (!tiles.empty() && tiles.back() == kt - 1) {
      runs.back().count += count;
    } else {
      runs.push_back({key, int64_t(tiles.size()) * kTile, count});
    }
    tiles.push_back(kt);
  }
  bits.resize(rows * tiles.size());
  for (size_t t = 0; t < tiles.size(); ++t) {
    for (int64_t i = 0; i < rows;) {
      // Rows of one query tile at a time.
      const int64_t query = begin + i;
      const uint64_t* words = mask.Bits(b, query / kTile, tiles[t]);
      for (int64_t r = query % kTile; r < kTile && i < rows; ++r, ++i) {
        bits[i * tiles.size() + t] = words[r];
      }
    }
  }
}

}  // namespace archlab
