// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/attention_context.h"

#include <array>

#include "kernels/attention_bias.h"
#include "kernels/attention_rows.h"
#include "kernels/elementwise.h"

namespace archlab {
namespace {

// Tiles of scores that strips of `tiles` query tiles compute.
int64_t ComputedTiles(const AttentionMask& mask, int64_t tiles) {
  int64_t computed = 0;
  for (int64_t b = 0; b < mask.batch(); ++b) {
    for (int64_t qt = 0; qt < mask.query_tiles(); qt += tiles) {
      const int64_t rows = std::min(tiles * kTile, mask.queries() - qt * kTile);
      for (int64_t kt = 0; kt < mask.key_tiles(); ++kt) {
        if (AnySees(mask, b, qt * kTile, rows, kt)) {
          computed += (rows + kTile - 1) / kTile;
        }
      }
    }
  }
  return computed;
}

// Products of two tiles of queries are a tenth faster, but waste more on the
// edge of a mask.
int64_t StripRowsOf(const AttentionMask& mask) {
  constexpr double kWorthIt = 1.08;
  return ComputedTiles(mask, 2) <= kWorthIt * ComputedTiles(mask, 1)
             ? kPieceRows
             : kTile;
}

}  // namespace

AttentionContext::AttentionContext(const AttentionSettings& settings)
    : settings(settings),
      bias_width_(settings.bias == nullptr ? 0 : 2 * settings.reach + 1),
      bias_(settings.heads * bias_width_),
      strip_rows_(StripRowsOf(*settings.mask)) {
  if (bias_width_ == 0) return;
  ReverseRows(static_cast<const float*>(settings.bias), settings.heads,
              bias_width_, bias_.data());
}

float AttentionContext::AddBiasTo(int64_t b, int64_t h, const Strip& strip,
                                  float* scores) const {
  const float scale = settings.scale;
  if (bias_width_ == 0) return scale;
  std::array<float, kPieceRows> factors;
  factors.fill(scale);
  ScaleRows(strip.rows, strip.stride(), strip.stride(), factors.data(), scores);
  AddBias(mask(), b, strip, bias_.data() + h * bias_width_, settings.reach,
          scores);
  return 1;
}

void AttentionContext::DropoutFactors(int64_t b, int64_t h, const Strip& strip,
                                      float* factors) const {
  std::array<float, kTile> ones;
  ones.fill(1);
  for (int64_t i = 0; i < strip.rows; ++i) {
    const int64_t row = RowAt(b, strip.begin + i, h);
    for (size_t t = 0; t < strip.tiles.size(); ++t) {
      if (strip.RowBits(i)[t] == 0) continue;
      const int64_t word = row * mask().keys() + strip.tiles[t] * kTile;
      DropoutForward<float>(ones.data(), settings.dropout,
                            settings.random->Skip(word),
                            factors + i * strip.stride() + t * kTile, kTile);
    }
  }
}

}  // namespace archlab
