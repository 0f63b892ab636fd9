// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Which pairs attention computes, as tiles of 64 queries by 64 keys: none, all,
// or some (then one word of bits a row). Built once a forward pass and shared
// by all layers with the same rule; attention skips tiles with no pair.

#ifndef ARCHLAB_KERNELS_ATTENTION_MASK_H_
#define ARCHLAB_KERNELS_ATTENTION_MASK_H_

#include <array>
#include <cstdint>
#include <memory>

#include "archlab/tensor.h"
#include "kernels/tile_pattern.h"
#include "tensor/storage.h"

namespace archlab {

constexpr int64_t kTile = 64;

// A pair is allowed when all of this holds:
//   both segments are equal and not negative (negative: padding),
//   causal: the key's position is at most the query's, or both are in the
//     prefix,
//   sees: the rule allows it.
struct AttentionPattern {
  bool causal = false;
  // i32 [B, Tq] and [B, Tk]; undefined: key j has position j, query i position
  // i + Tk - Tq.
  Tensor query_positions, key_positions;
  // i32 [B]: tokens at positions below it see each other even when causal;
  // the rule is then asked with the later one as the query. Undefined: none.
  Tensor prefix;
  // i32 [B, Tq] and [B, Tk], both or neither; undefined: one segment.
  Tensor query_segments, key_segments;
  std::shared_ptr<TilePattern> sees;  // null: every pair
};

class AttentionMask {
 public:
  AttentionMask(const AttentionPattern& pattern, int64_t batch, int64_t queries,
                int64_t keys);

  int64_t batch() const { return batch_; }
  int64_t queries() const { return queries_; }
  int64_t keys() const { return keys_; }
  int64_t query_tiles() const { return (queries_ + kTile - 1) / kTile; }
  int64_t key_tiles() const { return (keys_ + kTile - 1) / kTile; }

  // Whether a pair of the tile is allowed.
  bool Any(int64_t b, int64_t query_tile, int64_t key_tile) const;
  // Its rows' bits: word i is for query 64 * query_tile + i, bit j for key
  // 64 * key_tile + j. Bits of keys past the end are 0.
  const uint64_t* Bits(int64_t b, int64_t query_tile, int64_t key_tile) const;
  bool Sees(int64_t b, int64_t query, int64_t key) const {
    return Bits(b, query / kTile, key / kTile)[query % kTile] >> (key % kTile) &
           1;
  }

  int64_t QueryPosition(int64_t b, int64_t query) const {
    return plan(b).query_positions[query];
  }
  int64_t KeyPosition(int64_t b, int64_t key) const {
    return plan(b).key_positions[key];
  }
  // Whether positions rise by one from key to key within the tile.
  bool KeysAreConsecutive(int64_t b, int64_t key_tile) const {
    return plan(b).consecutive[key_tile] != 0;
  }
  // Pairs allowed in row b: what attention costs.
  int64_t CountPairs(int64_t b) const;

 private:
  using Words = std::array<uint64_t, kTile>;
  static constexpr int32_t kNone = -2, kAll = -1;
  // The tiles of one batch row. Rows of the batch that agree share one.
  struct Plan {
    CacheVector<int32_t> tiles;  // kNone, kAll or an index into words
    CacheVector<Words> words;
    CacheVector<int32_t> query_positions, key_positions;
    CacheVector<int32_t> query_segments, key_segments;  // empty: one segment
    CacheVector<uint8_t> consecutive;                   // a key tile
    int64_t prefix = 0;
  };
  const Plan& plan(int64_t b) const {
    return plans_[plans_.size() == 1 ? 0 : b];
  }
  void Describe(const AttentionPattern& pattern, int64_t b, Plan& plan) const;
  void FillTiles(const AttentionPattern& pattern, Plan& plan) const;
  static bool PairAllowed(const AttentionPattern& pattern, const Plan& plan,
                          int64_t query, int64_t key);
  uint64_t RowBits(const AttentionPattern& pattern, const Plan& plan,
                   int64_t query, int64_t key_tile) const;

  const int64_t batch_, queries_, keys_;
  CacheVector<Plan> plans_;  // one, or one a batch row
  Words full_, full_last_;   // rows of a tile where all is allowed
};

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_MASK_H_
