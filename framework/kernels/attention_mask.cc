// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/attention_mask.h"

#include <algorithm>

#include "archlab/check.h"
#include "archlab/parallel_for.h"

namespace archlab {
namespace {

// The lowest `count` bits; count may be anything.
uint64_t LowBits(int64_t count) {
  if (count <= 0) return 0;
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

CacheVector<int32_t> RowOf(const Tensor& table, int64_t b, int64_t length,
                           const char* what) {
  ARCHLAB_CHECK(table.rank() == 2 && table.dim(1) == length) << what;
  const int32_t* row = table.data<int32_t>() + b * length;
  return CacheVector<int32_t>(row, row + length);
}

CacheVector<int32_t> Consecutive(int64_t first, int64_t length) {
  CacheVector<int32_t> positions(length);
  for (int64_t i = 0; i < length; ++i) positions[i] = first + i;
  return positions;
}

// Whether all rows of a table are the same; true for no table.
bool RowsAgree(const Tensor& table) {
  if (!table.defined()) return true;
  const int64_t length = table.dim(1);
  const int32_t* first = table.data<int32_t>();
  for (int64_t b = 1; b < table.dim(0); ++b) {
    if (!std::equal(first, first + length, first + b * length)) return false;
  }
  return true;
}

}  // namespace

AttentionMask::AttentionMask(const AttentionPattern& pattern, int64_t batch,
                             int64_t queries, int64_t keys)
    : batch_(batch), queries_(queries), keys_(keys) {
  ARCHLAB_CHECK_EQ(pattern.query_segments.defined(),
                   pattern.key_segments.defined());
  full_.fill(~uint64_t{0});
  full_last_.fill(LowBits(keys - (key_tiles() - 1) * kTile));
  const bool one_plan =
      RowsAgree(pattern.query_positions) && RowsAgree(pattern.key_positions) &&
      RowsAgree(pattern.query_segments) && RowsAgree(pattern.key_segments) &&
      (!pattern.prefix.defined() || RowsAgree(pattern.prefix.View({batch, 1})));
  plans_.resize(one_plan ? 1 : batch);
  int32_t query_end = 0, query_begin = INT32_MAX, key_end = 0;
  for (int64_t b = 0; b < int64_t(plans_.size()); ++b) {
    Plan& plan = plans_[b];
    Describe(pattern, b, plan);
    for (const int32_t p : plan.query_positions) {
      query_begin = std::min(query_begin, p);
      query_end = std::max(query_end, p + 1);
    }
    for (const int32_t p : plan.key_positions)
      key_end = std::max(key_end, p + 1);
  }
  if (pattern.sees != nullptr) {
    pattern.sees->Grow(query_begin, query_end, key_end);
  }
  ParallelFor(plans_.size(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) FillTiles(pattern, plans_[b]);
  });
}

void AttentionMask::Describe(const AttentionPattern& pattern, int64_t b,
                             Plan& plan) const {
  plan.query_positions =
      pattern.query_positions.defined()
          ? RowOf(pattern.query_positions, b, queries_, "query positions")
          : Consecutive(keys_ - queries_, queries_);
  plan.key_positions =
      pattern.key_positions.defined()
          ? RowOf(pattern.key_positions, b, keys_, "key positions")
          : Consecutive(0, keys_);
  if (pattern.query_segments.defined()) {
    plan.query_segments =
        RowOf(pattern.query_segments, b, queries_, "query segments");
    plan.key_segments = RowOf(pattern.key_segments, b, keys_, "key segments");
  }
  if (pattern.prefix.defined()) plan.prefix = pattern.prefix.data<int32_t>()[b];
  plan.consecutive.resize(key_tiles());
  for (int64_t tile = 0; tile < key_tiles(); ++tile) {
    const auto first = plan.key_positions.begin() + tile * kTile;
    const auto last =
        plan.key_positions.begin() + std::min(keys_, (tile + 1) * kTile);
    plan.consecutive[tile] =
        std::adjacent_find(first, last, [](int32_t a, int32_t next) {
          return next != a + 1;
        }) == last;
  }
}

// `query` and `key` are positions.
bool AttentionMask::PairAllowed(const AttentionPattern& pattern,
                                const Plan& plan, int64_t query, int64_t key) {
  const bool ahead = pattern.causal && key > query;
  if (ahead && (query >= plan.prefix || key >= plan.prefix)) return false;
  if (pattern.sees == nullptr) return true;
  return ((ahead ? pattern.sees->Bits(key, query)
                 : pattern.sees->Bits(query, key)) &
          1) != 0;
}

uint64_t AttentionMask::RowBits(const AttentionPattern& pattern,
                                const Plan& plan, int64_t query,
                                int64_t key_tile) const {
  const int64_t first = key_tile * kTile;
  const int64_t count = std::min(kTile, keys_ - first);
  uint64_t bits = LowBits(count);
  if (!plan.query_segments.empty()) {
    const int32_t segment = plan.query_segments[query];
    if (segment < 0) return 0;
    for (int64_t j = 0; j < count; ++j) {
      const uint64_t differs = plan.key_segments[first + j] != segment;
      bits &= ~(differs << j);
    }
  }
  if (bits == 0) return 0;
  const int64_t position = plan.query_positions[query];
  const int32_t* keys = plan.key_positions.data() + first;
  const bool in_prefix =
      pattern.causal && position < plan.prefix && keys[0] < plan.prefix;
  if (plan.consecutive[key_tile] && !in_prefix) {
    if (pattern.causal) bits &= LowBits(position - keys[0] + 1);
    if (pattern.sees && bits != 0)
      bits &= pattern.sees->Bits(position, keys[0]);
    return bits;
  }
  for (int64_t j = 0; j < count; ++j) {
    if ((bits >> j & 1) == 0) continue;
    if (!PairAllowed(pattern, plan, position, keys[j]))
      bits &= ~(uint64_t{1} << j);
  }
  return bits;
}

void AttentionMask::FillTiles(const AttentionPattern& pattern,
                              Plan& plan) const {
  plan.tiles.resize(query_tiles() * key_tiles());
  for (int64_t qt = 0; qt < query_tiles(); ++qt) {
    const int64_t rows = std::min(kTile, queries_ - qt * kTile);
    for (int64_t kt = 0; kt < key_tiles(); ++kt) {
      const uint64_t full = (kt + 1 == key_tiles() ? full_last_ : full_)[0];
      Words words = {};
      uint64_t any = 0, all = full;
      for (int64_t i = 0; i < rows; ++i) {
        words[i] = RowBits(pattern, plan, qt * kTile + i, kt);
        any |= words[i];
        all &= words[i];
      }
      int32_t& tile = plan.tiles[qt * key_tiles() + kt];
      if (any == 0) {
        tile = kNone;
      } else if (all == full) {
        tile = kAll;
      } else {
        tile = plan.words.size();
        plan.words.push_back(words);
      }
    }
  }
}

bool AttentionMask::Any(int64_t b, int64_t query_tile, int64_t key_tile) const {
  return plan(b).tiles[query_tile * key_tiles() + key_tile] != kNone;
}

const uint64_t* AttentionMask::Bits(int64_t b, int64_t query_tile,
                                    int64_t key_tile) const {
  static constexpr Words kEmpty = {};
  const int32_t tile = plan(b).tiles[query_tile * key_tiles() + key_tile];
  if (tile == kNone) return kEmpty.data();
  if (tile >= 0) return plan(b).words[tile].data();
  return (key_tile + 1 == key_tiles() ? full_last_ : full_).data();
}

int64_t AttentionMask::CountPairs(int64_t b) const {
  int64_t pairs = 0;
  for (int64_t qt = 0; qt < query_tiles(); ++qt) {
    const int64_t rows = std::min(kTile, queries_ - qt * kTile);
    for (int64_t kt = 0; kt < key_tiles(); ++kt) {
      const uint64_t* bits = Bits(b, qt, kt);
      for (int64_t i = 0; i < rows; ++i) {
        pairs += __builtin_popcountll(bits[i]);
      }
    }
  }
  return pairs;
}

}  // namespace archlab
