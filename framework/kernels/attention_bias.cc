// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/attention_bias.h"

#include <algorithm>

#include "kernels/attention_rows.h"

namespace archlab {
namespace {

// Calls span(row of the strip, column, entry of the reversed row, length) for
// stretches of pairs whose columns and entries both rise by one.
template <class Span>
void ForSpans(const AttentionMask& mask, int64_t b, const Strip& strip,
              int64_t reach, const Span& span) {
  const int64_t width = 2 * reach + 1;
  for (int64_t i = 0; i < strip.rows; ++i) {
    const int64_t base = reach - mask.QueryPosition(b, strip.begin + i);
    for (size_t t = 0; t < strip.tiles.size(); ++t) {
      const uint64_t bits = strip.RowBits(i)[t];
      const int64_t key = strip.tiles[t] * kTile, column = t * kTile;
      if (bits == 0) continue;
      if (mask.KeysAreConsecutive(b, strip.tiles[t])) {
        const int64_t entry = base + mask.KeyPosition(b, key);
        const int64_t count = std::min(kTile, mask.keys() - key);
        const int64_t from = std::max<int64_t>(0, -entry);
        const int64_t to = std::min(count, width - entry);
        if (from < to) span(i, column + from, entry + from, to - from);
        continue;
      }
      for (int64_t j = 0; j < kTile; ++j) {
        if ((bits >> j & 1) == 0) continue;
        const int64_t entry = base + mask.KeyPosition(b, key + j);
        if (entry >= 0 && entry < width) span(i, column + j, entry, 1);
      }
    }
  }
}

}  // namespace

void ReverseRows(const float* table, int64_t heads, int64_t width,
                 float* reversed) {
  for (int64_t h = 0; h < heads; ++h) {
    std::reverse_copy(table + h * width, table + (h + 1) * width,
                      reversed + h * width);
  }
}

void AddBias(const AttentionMask& mask, int64_t b, const Strip& strip,
             const float* row, int64_t reach, float* scores) {
  ForSpans(mask, b, strip, reach,
           [&](int64_t i, int64_t column, int64_t entry, int64_t count) {
             AddRow(count, row + entry, scores + i * strip.stride() + column);
           });
}

template <class P>
void AddBiasGradient(const AttentionMask& mask, int64_t b, const Strip& strip,
                     const P* d_scores, int64_t reach, float* d_row) {
  ForSpans(mask, b, strip, reach,
           [&](int64_t i, int64_t column, int64_t entry, int64_t count) {
             AddRow(count, d_scores + i * strip.stride() + column,
                    d_row + entry);
           });
}

template void AddBiasGradient(const AttentionMask&, int64_t, const Strip&,
                              const float*, int64_t, float*);
template void AddBiasGradient(const AttentionMask&, int64_t, const Strip&,
                              const BF16*, int64_t, float*);

}  // namespace archlab
