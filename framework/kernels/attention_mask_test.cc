// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/attention_mask.h"

#include <cmath>
#include <limits>
#include <vector>

#include "archlab/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernels/attention_rows.h"
#include "kernels/attention_strip.h"

namespace archlab {
namespace {

bool InBand(int64_t query, int64_t key) { return std::abs(query - key) < 10; }

TEST(TilePattern, BitsAreTheRuleAtAnyOffset) {
  TilePattern pattern(InBand, false, 9);
  pattern.Grow(0, 200, 200);
  for (const int64_t query : {0, 63, 64, 130, 199}) {
    for (const int64_t key : {-64, -3, 0, 1, 60, 64, 127, 190, 400}) {
      const uint64_t bits = pattern.Bits(query, key);
      for (int64_t i = 0; i < 64; ++i) {
        const int64_t at = key + i;
        EXPECT_EQ(bits >> i & 1, at >= 0 && at < 200 && InBand(query, at))
            << query << " " << at;
      }
    }
  }
  EXPECT_EQ(pattern.Bits(-1, 0), 0u);
  EXPECT_EQ(pattern.Bits(200, 0), 0u);
}

TEST(TilePattern, GrowingAsksEveryPairOnce) {
  int64_t asked = 0;
  TilePattern pattern(
      [&](int64_t query, int64_t key) {
        ++asked;
        EXPECT_LE(key, query);
        return true;
      },
      true);
  for (int64_t length = 1; length <= 100; ++length) {
    pattern.Grow(0, length, length);
  }
  EXPECT_EQ(asked, 100 * 101 / 2);
  EXPECT_EQ(pattern.Bits(69, 0), ~uint64_t{0});
  EXPECT_EQ(pattern.Bits(69, 64), 0x3Fu);
}

TEST(TilePattern, LargestDistanceBoundsTheWork) {
  int64_t asked = 0;
  TilePattern pattern(
      [&](int64_t, int64_t) {
        ++asked;
        return true;
      },
      true, 4);
  pattern.Grow(0, 1000, 1000);
  EXPECT_LE(asked, 5 * 1000);
}

TEST(AttentionMask, CausalTilesAreNoneSomeAll) {
  AttentionPattern pattern;
  pattern.causal = true;
  const AttentionMask mask(pattern, 3, 150, 150);
  EXPECT_FALSE(mask.Any(2, 0, 1));
  EXPECT_TRUE(mask.Any(2, 2, 0));
  for (int64_t i = 0; i < 150; ++i) {
    for (int64_t j = 0; j < 150; ++j) {
      EXPECT_EQ(mask.Sees(1, i, j), j <= i);
    }
  }
  EXPECT_EQ(mask.CountPairs(0), 150 * 151 / 2);
}

// The definition in attention_mask.h, pair by pair, for random tables.
TEST(AttentionMask, IsItsDefinition) {
  constexpr int64_t kBatch = 2, kQueries = 70, kKeys = 135;
  Random random(1, 2, 3);
  const auto table = [&](int64_t length, int64_t range, int64_t first) {
    Tensor x = Tensor::Empty({kBatch, length}, DType::kI32);
    for (int64_t i = 0; i < x.size(); ++i) {
      x.data<int32_t>()[i] = first + random.Below(range);
    }
    return x;
  };
  for (const bool causal : {false, true}) {
    AttentionPattern pattern;
    pattern.causal = causal;
    pattern.query_positions = table(kQueries, 100, 0);
    pattern.key_positions = table(kKeys, 100, 0);
    pattern.query_segments = table(kQueries, 4, -1);
    pattern.key_segments = table(kKeys, 4, -1);
    pattern.sees = std::make_shared<TilePattern>(InBand, causal, 9);
    const AttentionMask mask(pattern, kBatch, kQueries, kKeys);
    for (int64_t b = 0; b < kBatch; ++b) {
      for (int64_t i = 0; i < kQueries; ++i) {
        for (int64_t j = 0; j < kKeys; ++j) {
          const auto at = [b](const Tensor& t, int64_t k) {
            return t.data<int32_t>()[b * t.dim(1) + k];
          };
          const int32_t q = at(pattern.query_positions, i);
          const int32_t k = at(pattern.key_positions, j);
          const int32_t segment = at(pattern.query_segments, i);
          const bool expected = segment >= 0 &&
                                segment == at(pattern.key_segments, j) &&
                                (!causal || k <= q) && InBand(q, k);
          ASSERT_EQ(mask.Sees(b, i, j), expected) << b << " " << i << " " << j;
        }
      }
    }
  }
}

TEST(Strip, HasTheTilesOfAWindowOnly) {
  AttentionPattern pattern;
  pattern.causal = true;
  pattern.sees = std::make_shared<TilePattern>(InBand, true, 9);
  const AttentionMask mask(pattern, 1, 640, 640);
  const Strip strip(mask, 0, 256, 128);
  EXPECT_THAT(strip.tiles, testing::ElementsAre(3, 4, 5));
  ASSERT_EQ(strip.runs.size(), 1u);
  EXPECT_EQ(strip.runs[0].key, 192);
  EXPECT_EQ(strip.runs[0].count, 192);
}

// Pieces are the strip again, cut where it has gaps and after four tiles.
TEST(Strip, ItsPiecesAreWholeAndInOrder) {
  AttentionPattern pattern;
  pattern.sees = std::make_shared<TilePattern>(
      [](int64_t query, int64_t key) {
        return (key >= 130 && key < 600) || key >= 650 || query == key;
      },
      false);
  const AttentionMask mask(pattern, 1, 700, 700);
  const Strip strip(mask, 0, 64, 100);
  std::vector<int64_t> tiles;
  std::vector<size_t> sizes;
  ForPieces(mask, 0, 64, 100, [&](const Strip& piece) {
    EXPECT_EQ(piece.rows, 100);
    ASSERT_EQ(piece.runs.size(), 1u);
    EXPECT_EQ(piece.runs[0].key, piece.tiles[0] * kTile);
    for (size_t t = 0; t < piece.tiles.size(); ++t) {
      for (int64_t i = 0; i < piece.rows; ++i) {
        EXPECT_EQ(piece.RowBits(i)[t], strip.RowBits(i)[tiles.size()]);
      }
      tiles.push_back(piece.tiles[t]);
    }
    sizes.push_back(piece.tiles.size());
  });
  EXPECT_THAT(tiles, testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_EQ(tiles.size(), strip.tiles.size());
  EXPECT_THAT(sizes, testing::ElementsAre(4, 4, 2));
}

// Columns that do not count hold NaN: none may show.
TEST(AttentionRows, SoftmaxAgreesWithItsDefinition) {
  constexpr int64_t kRows = 5, kTiles = 2, kColumns = 128;
  Random random(1, 2, 3);
  const uint64_t bits[kRows][kTiles] = {{~0ull, ~0ull},
                                        {0, 0},
                                        {1, 0},
                                        {0xF0F0F0F012345678ull, 1ull << 63},
                                        {0, 0xFFFFull}};
  std::vector<float> scores(kRows * kColumns, NAN), before;
  const auto counts = [&](int64_t i, int64_t j) {
    return (bits[i][j / 64] >> (j % 64) & 1) != 0;
  };
  for (int64_t i = 0; i < kRows; ++i) {
    for (int64_t j = 0; j < kColumns; ++j) {
      if (counts(i, j)) scores[i * kColumns + j] = 30 * random.Normal();
    }
  }
  before = scores;
  float lse[kRows], inverse_sum[kRows];
  SoftmaxRows({kRows, kTiles, kColumns, &bits[0][0]}, 1, scores.data(), lse,
              inverse_sum);
  for (int64_t i = 0; i < kRows; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < kColumns; ++j) {
      if (counts(i, j)) sum += std::exp(double(before[i * kColumns + j]));
    }
    if (sum > 0) {
      EXPECT_NEAR(lse[i], std::log(sum), 1e-5);
    } else {
      EXPECT_EQ(lse[i], std::numeric_limits<float>::infinity());
    }
    for (int64_t j = 0; j < kColumns; ++j) {
      const double expected =
          counts(i, j) ? std::exp(double(before[i * kColumns + j])) / sum : 0;
      EXPECT_NEAR(scores[i * kColumns + j] * inverse_sum[i], expected, 1e-6);
    }
  }
}

float AsFloat(float x) { return x; }
float AsFloat(BF16 x) { return x.ToFloat(); }

// Two pieces of a row, the second with larger scores, and dropout factors: the
// stored exponentials, rescaled, over the sum are the dropped probabilities.
template <class P>
void ExpectPiecesAreTheRow(double tolerance) {
  constexpr int64_t kColumns = 64, kPieces = 2;
  constexpr float kScale = 0.5;
  const uint64_t bits[kPieces] = {0xFF00FF00FF00FF00ull, ~0ull};
  Random random(1, 2, 3);
  float scores[kPieces][kColumns], factors[kColumns];
  double sum = 0;
  for (int64_t j = 0; j < kColumns; ++j) factors[j] = j % 3 == 0 ? 0 : 1.5;
  for (int64_t p = 0; p < kPieces; ++p) {
    for (int64_t j = 0; j < kColumns; ++j) {
      scores[p][j] = random.Normal() + 4 * p;
      if (bits[p] >> j & 1) sum += std::exp(kScale * double(scores[p][j]));
    }
  }
  P stored[kPieces][kColumns];
  float top = -INFINITY, total = 0, rescale[kPieces];
  for (int64_t p = 0; p < kPieces; ++p) {
    EXPECT_EQ(SoftmaxPiece({1, 1, kColumns, &bits[p]}, kScale, factors,
                           scores[p], stored[p], &top, &total, &rescale[p]),
              p == 1);
  }
  FinishSoftmax(1, &top, &total);
  EXPECT_NEAR(top, std::log(sum), 1e-5);
  for (int64_t p = 0; p < kPieces; ++p) {
    for (int64_t j = 0; j < kColumns; ++j) {
      const double expected =
          bits[p] >> j & 1
              ? factors[j] * std::exp(kScale * double(scores[p][j])) / sum
              : 0;
      const float later = p == 0 ? rescale[1] : 1;
      EXPECT_NEAR(AsFloat(stored[p][j]) * later * total, expected, tolerance);
    }
  }
}

TEST(AttentionRows, PiecesAreTheRow) {
  ExpectPiecesAreTheRow<float>(1e-7);
  ExpectPiecesAreTheRow<BF16>(1e-3);
}

}  // namespace
}  // namespace archlab
