// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Softmax of masked rows. The exponential is the one cost that matters: it runs
// on whole vectors, and only on those with a column that counts.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/attention_rows.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention_softmax.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

constexpr int64_t kColumns = 64;  // of a tile
using Lanes16 = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes16>;

// e^x for x <= 0 or a little above; 0 below -87, NaN for NaN. 2^n e^r with
// |r| <= ln 2 / 2 and the Taylor series of e^r to r^6 (its rest is below 1.2e-7
// of the result, and cancels in a softmax).
HWY_INLINE Vector ExpNegative(Lanes16 d, Vector x) {
  const hn::RebindToSigned<Lanes16> di;
  const auto n = hn::Round(hn::Mul(x, hn::Set(d, 1.44269504f)));
  auto r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
  auto sum = hn::Set(d, 1.0f / 720);
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f / 120));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f / 24));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f / 6));
  sum = hn::MulAdd(sum, r, hn::Set(d, 0.5f));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1.0f));
  // 2^n is added to the exponent; what leaves its range is below -87.
  const auto power = hn::ShiftLeft<23>(hn::ConvertTo(di, n));
  const auto y = hn::BitCast(d, hn::Add(hn::BitCast(di, sum), power));
  return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -87.0f)), y);
}

HWY_INLINE hn::Mask<Lanes16> MaskAt(Lanes16 d, uint64_t bits, int64_t column) {
  const uint64_t lanes = (uint64_t{1} << hn::Lanes(d)) - 1;
  const uint64_t part = bits >> column & lanes;
  uint8_t bytes[8];
  std::memcpy(bytes, &part, sizeof(bytes));
  return hn::LoadMaskBits(d, bytes);
}

// Calls full(column) for vectors of columns that all count, partial(column,
// mask) for those that count in part, and none(column) for the others.
template <class Full, class Partial, class None>
HWY_INLINE void ForTile(Lanes16 d, uint64_t bits, int64_t first,
                        const Full& full, const Partial& partial,
                        const None& none) {
  const int64_t lanes = hn::Lanes(d);
  const uint64_t all = (uint64_t{1} << lanes) - 1;
  if (bits == ~uint64_t{0}) {
    for (int64_t c = 0; c < kColumns; c += lanes) full(first + c);
    return;
  }
  for (int64_t c = 0; c < kColumns; c += lanes) {
    const uint64_t part = bits >> c & all;
    if (part == all) {
      full(first + c);
    } else if (part == 0) {
      none(first + c);
    } else {
      partial(first + c, MaskAt(d, bits, c));
    }
  }
}

// The maximum of scale * x.
HWY_INLINE float RowMax(Lanes16 d, float scale, const float* x,
                        const uint64_t* bits, int64_t tiles) {
  const auto lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  const auto factor = hn::Set(d, scale);
  auto top = lowest;
  const auto at = [&](int64_t c)
                      HWY_ATTR { return hn::Mul(hn::LoadU(d, x + c), factor); };
  for (int64_t t = 0; t < tiles; ++t) {
    ForTile(
        d, bits[t], t * kColumns,
        [&](int64_t c) HWY_ATTR { top = hn::Max(top, at(c)); },
        [&](int64_t c, hn::Mask<Lanes16> mask) HWY_ATTR {
          top = hn::Max(top, hn::IfThenElse(mask, at(c), lowest));
        },
        [](int64_t) HWY_ATTR {});
  }
  return hn::GetLane(hn::MaxOfLanes(d, top));
}

// y = e^(scale * x - top), times factors if not null; returns the sum before
// those.
template <class P>
HWY_INLINE float RowExp(Lanes16 d, float scale, const float* factors,
                        const float* x, const uint64_t* bits, int64_t tiles,
                        float top, P* y) {
  const auto shift = hn::Set(d, top), factor = hn::Set(d, scale);
  const auto zero = hn::Zero(d);
  auto sum = zero;
  const auto store = [&](int64_t c, Vector e) HWY_ATTR {
    sum = hn::Add(sum, e);
    if (factors != nullptr) e = hn::Mul(e, hn::LoadU(d, factors + c));
    StoreF(d, e, y + c);
  };
  const auto at = [&](int64_t c) HWY_ATTR {
    return ExpNegative(d, hn::MulSub(hn::LoadU(d, x + c), factor, shift));
  };
  for (int64_t t = 0; t < tiles; ++t) {
    ForTile(
        d, bits[t], t * kColumns, [&](int64_t c) HWY_ATTR { store(c, at(c)); },
        [&](int64_t c, hn::Mask<Lanes16> mask)
            HWY_ATTR { store(c, hn::IfThenElseZero(mask, at(c))); },
        [&](int64_t c) HWY_ATTR { StoreF(d, zero, y + c); });
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

template <class P>
HWY_INLINE bool SoftmaxPieceOf(const MaskedRows& shape, float scale,
                               const float* factors, const float* scores,
                               P* exponentials, float* top, float* sum,
                               float* rescale) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Lanes16 d;
  bool changed = false;
  for (int64_t i = 0; i < shape.rows; ++i) {
    const float* row = scores + i * shape.stride;
    P* const y = exponentials + i * shape.stride;
    const uint64_t* bits = shape.bits + i * shape.tiles;
    const float before = top[i],
                here = RowMax(d, scale, row, bits, shape.tiles);
    if (!(here <= before)) top[i] = here;  // a NaN is kept
    rescale[i] = 1;
    if (top[i] == -kInfinity) {  // saw nothing, or only scores of -inf
      // Not memset: without tiles there may be no row.
      std::fill_n(y, shape.tiles * kColumns, P());
      continue;
    }
    if (sum[i] != 0 && top[i] != before) {
      rescale[i] = std::exp(before - top[i]);
      sum[i] *= rescale[i];
      changed = true;
    }
    sum[i] += RowExp(d, scale, factors ? factors + i * shape.stride : nullptr,
                     row, bits, shape.tiles, top[i], y);
  }
  return changed;
}

bool SoftmaxPieceF32(const MaskedRows& shape, float scale, const float* factors,
                     const float* scores, float* exponentials, float* top,
                     float* sum, float* rescale) {
  return SoftmaxPieceOf(shape, scale, factors, scores, exponentials, top, sum,
                        rescale);
}
bool SoftmaxPieceBF16(const MaskedRows& shape, float scale,
                      const float* factors, const float* scores,
                      BF16* exponentials, float* top, float* sum,
                      float* rescale) {
  return SoftmaxPieceOf(shape, scale, factors, scores, exponentials, top, sum,
                        rescale);
}

// Masked columns of dp may hold anything: they are replaced before they count.
template <class P>
HWY_INLINE void SoftmaxGradientRowsOf(const MaskedRows& shape, float scale,
                                      const float* factors, const float* lse,
                                      const float* delta, const float* scores,
                                      const float* dp, P* dropped,
                                      P* d_scores) {
  const Lanes16 d;
  const auto zero = hn::Zero(d), scale_of_all = hn::Set(d, scale);
  for (int64_t i = 0; i < shape.rows; ++i) {
    const int64_t row = i * shape.stride;
    const uint64_t* bits = shape.bits + i * shape.tiles;
    const auto row_lse = hn::Set(d, lse[i]);
    const auto row_delta = hn::Set(d, delta[i]);
    const auto store = [&](int64_t at, Vector p, Vector gradient) HWY_ATTR {
      StoreF(d, p, dropped + at);
      StoreF(d, gradient, d_scores + at);
    };
    const auto with = [&](int64_t at, const auto& select) HWY_ATTR {
      const auto s = hn::LoadU(d, scores + at);
      const auto p = ExpNegative(d, hn::MulSub(s, scale_of_all, row_lse));
      auto gradient = hn::LoadU(d, dp + at);
      auto kept = p;
      if (factors != nullptr) {
        const auto factor = hn::LoadU(d, factors + at);
        gradient = hn::Mul(gradient, factor);
        kept = hn::Mul(p, factor);
      }
      store(at, select(kept), select(hn::Mul(p, hn::Sub(gradient, row_delta))));
    };
    const auto full = [&](int64_t c) HWY_ATTR {
      with(row + c, [](Vector v) HWY_ATTR { return v; });
    };
    const auto partial = [&](int64_t c, hn::Mask<Lanes16> mask) HWY_ATTR {
      with(row + c,
           [mask](Vector v) HWY_ATTR { return hn::IfThenElseZero(mask, v); });
    };
    const auto none = [&](int64_t c) HWY_ATTR { store(row + c, zero, zero); };
    for (int64_t t = 0; t < shape.tiles; ++t) {
      ForTile(d, bits[t], t * kColumns, full, partial, none);
    }
  }
}

void SoftmaxGradientRowsF32(const MaskedRows& shape, float scale,
                            const float* factors, const float* lse,
                            const float* delta, const float* scores,
                            const float* dp, float* dropped, float* d_scores) {
  SoftmaxGradientRowsOf(shape, scale, factors, lse, delta, scores, dp, dropped,
                        d_scores);
}
void SoftmaxGradientRowsBF16(const MaskedRows& shape, float scale,
                             const float* factors, const float* lse,
                             const float* delta, const float* scores,
                             const float* dp, BF16* dropped, BF16* d_scores) {
  SoftmaxGradientRowsOf(shape, scale, factors, lse, delta, scores, dp, dropped,
                        d_scores);
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {
HWY_EXPORT(SoftmaxPieceF32);
HWY_EXPORT(SoftmaxPieceBF16);
HWY_EXPORT(SoftmaxGradientRowsF32);
HWY_EXPORT(SoftmaxGradientRowsBF16);
}  // namespace

template <>
bool SoftmaxPiece(const MaskedRows& shape, float scale, const float* factors,
                  const float* scores, float* exponentials, float* top,
                  float* sum, float* rescale) {
  return HWY_DYNAMIC_DISPATCH(SoftmaxPieceF32)(shape, scale, factors, scores,
                                               exponentials, top, sum, rescale);
}
template <>
bool SoftmaxPiece(const MaskedRows& shape, float scale, const float* factors,
                  const float* scores, BF16* exponentials, float* top,
                  float* sum, float* rescale) {
  return HWY_DYNAMIC_DISPATCH(SoftmaxPieceBF16)(
      shape, scale, factors, scores, exponentials, top, sum, rescale);
}

void FinishSoftmax(int64_t rows, float* top, float* sum) {
  for (int64_t i = 0; i < rows; ++i) {
    const bool blind = sum[i] == 0;
    top[i] = blind ? std::numeric_limits<float>::infinity()
                   : top[i] + std::log(sum[i]);
    sum[i] = blind ? 0 : 1 / sum[i];
  }
}

void SoftmaxRows(const MaskedRows& shape, float scale, float* scores,
                 float* lse, float* inverse_sum) {
  for (int64_t i = 0; i < shape.rows; ++i) {
    float rescale;
    float* const row = scores + i * shape.stride;
    lse[i] = -std::numeric_limits<float>::infinity();
    inverse_sum[i] = 0;
    SoftmaxPiece({1, shape.tiles, shape.stride, shape.bits + i * shape.tiles},
                 scale, nullptr, row, row, lse + i, inverse_sum + i, &rescale);
  }
  FinishSoftmax(shape.rows, lse, inverse_sum);
}

template <>
void SoftmaxGradientRows(const MaskedRows& shape, float scale,
                         const float* factors, const float* lse,
                         const float* delta, const float* scores,
                         const float* d_probabilities, float* dropped,
                         float* d_scores) {
  HWY_DYNAMIC_DISPATCH(SoftmaxGradientRowsF32)
  (shape, scale, factors, lse, delta, scores, d_probabilities, dropped,
   d_scores);
}
template <>
void SoftmaxGradientRows(const MaskedRows& shape, float scale,
                         const float* factors, const float* lse,
                         const float* delta, const float* scores,
                         const float* d_probabilities, BF16* dropped,
                         BF16* d_scores) {
  HWY_DYNAMIC_DISPATCH(SoftmaxGradientRowsBF16)
  (shape, scale, factors, lse, delta, scores, d_probabilities, dropped,
   d_scores);
}

}  // namespace archlab
#endif  // HWY_ONCE
