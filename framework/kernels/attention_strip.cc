// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/attention_strip.h"

#include <algorithm>

namespace archlab {

Strip::Strip(const AttentionMask& mask, int64_t b, int64_t begin, int64_t rows)
    : begin(begin), rows(rows) {
  const int64_t first = begin / kTile;
  const int64_t last = (begin + rows - 1) / kTile;
  for (int64_t kt = 0; kt < mask.key_tiles(); ++kt) {
    bool any = false;
    for (int64_t qt = first; qt <= last; ++qt) any |= mask.Any(b, qt, kt);
    if (!any) continue;
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
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t query = begin + i;
      bits[i * tiles.size() + t] =
          mask.Bits(b, query / kTile, tiles[t])[query % kTile];
    }
  }
}

}  // namespace archlab
