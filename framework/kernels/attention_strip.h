// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A strip: some queries of one batch row and the key tiles that any of them
// sees, put side by side. Scores of a strip are a dense matrix [rows, stride]
// whose columns are those keys, so attention spends nothing on other keys.

#ifndef ARCHLAB_KERNELS_ATTENTION_STRIP_H_
#define ARCHLAB_KERNELS_ATTENTION_STRIP_H_

#include <cstdint>
#include <vector>

#include "kernels/attention_mask.h"

namespace archlab {

struct Strip {
  // `count` keys from `key` on are the columns from `column` on.
  struct Run {
    int64_t key, column, count;
  };

  // Queries [begin, begin + rows) of batch row b.
  Strip(const AttentionMask& mask, int64_t b, int64_t begin, int64_t rows);

  int64_t stride() const { return int64_t(tiles.size()) * kTile; }
  const uint64_t* RowBits(int64_t row) const {
    return bits.data() + row * tiles.size();
  }

  int64_t begin, rows;
  std::vector<int64_t> tiles;  // key tiles, rising
  std::vector<Run> runs;       // neighbouring tiles as one matrix product
  std::vector<uint64_t> bits;  // [rows, tiles]
};

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_STRIP_H_
