// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A strip: some queries of one batch row and the key tiles that any of them
// sees, put side by side. Scores of a strip are a dense matrix [rows, stride]
// whose columns are those keys, so attention spends nothing on other keys. A
// piece is a strip of a few neighbouring tiles, small enough for the cache.

#ifndef ARCHLAB_KERNELS_ATTENTION_STRIP_H_
#define ARCHLAB_KERNELS_ATTENTION_STRIP_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "kernels/attention_mask.h"

namespace archlab {

// The largest piece: its scores, their gradients and copies fit in the 1 or
// 2 MB of a core's second-level cache. A piece has at most two query tiles.
constexpr int64_t kPieceTiles = 8, kPieceRows = 2 * kTile;
constexpr int64_t kPieceScores = kPieceTiles * kTile * kTile;

struct Strip {
  // `count` keys from `key` on are the columns from `column` on.
  struct Run {
    int64_t key, column, count;
  };

  // Queries [begin, begin + rows) of batch row b.
  Strip(const AttentionMask& mask, int64_t b, int64_t begin, int64_t rows);
  // The same, of key tiles [first_tile, end_tile) only.
  Strip(const AttentionMask& mask, int64_t b, int64_t begin, int64_t rows,
        int64_t first_tile, int64_t end_tile);

  int64_t stride() const { return int64_t(tiles.size()) * kTile; }
  const uint64_t* RowBits(int64_t row) const {
    return bits.data() + row * tiles.size();
  }

  int64_t begin, rows;
  // A piece takes no memory from the system.
  absl::InlinedVector<int64_t, kPieceTiles> tiles;  // key tiles, rising
  absl::InlinedVector<Run, 1> runs;  // neighbouring tiles as one product
  absl::InlinedVector<uint64_t, kPieceTiles * kTile> bits;  // [rows, tiles]
};

// Whether a query of [begin, begin + rows) sees a key of the tile.
bool AnySees(const AttentionMask& mask, int64_t b, int64_t begin, int64_t rows,
             int64_t key_tile);

// Calls body(piece) for the pieces of queries [begin, begin + rows), at most
// kPieceRows, in rising order of keys. A piece has one run.
template <class Body>
void ForPieces(const AttentionMask& mask, int64_t b, int64_t begin,
               int64_t rows, const Body& body) {
  const int64_t most = rows > kTile ? kPieceTiles / 2 : kPieceTiles;
  for (int64_t kt = 0; kt < mask.key_tiles(); ++kt) {
    int64_t end = kt;
    while (end < mask.key_tiles() && end < kt + most &&
           AnySees(mask, b, begin, rows, end)) {
      ++end;
    }
    if (end == kt) continue;
    body(Strip(mask, b, begin, rows, kt, end));
    kt = end - 1;
  }
}

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_STRIP_H_
