// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Softmax of masked rows. The exponential is the one cost that matters: it runs
// on whole vectors, and only on those with a column that counts.

#include "kernels/attention_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention_rows.cc"
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

HWY_INLINE float RowMax(Lanes16 d, const float* x, const uint64_t* bits,
                        int64_t tiles) {
  const auto lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  auto top = lowest;
  for (int64_t t = 0; t < tiles; ++t) {
    ForTile(
        d, bits[t], t * kColumns,
        [&](int64_t c) HWY_ATTR { top = hn::Max(top, hn::LoadU(d, x + c)); },
        [&](int64_t c, hn::Mask<Lanes16> mask) HWY_ATTR {
          top = hn::Max(top, hn::IfThenElse(mask, hn::LoadU(d, x + c), lowest));
        },
        [](int64_t) HWY_ATTR {});
  }
  return hn::GetLane(hn::MaxOfLanes(d, top));
}

// x -> e^(x - top), returns the sum.
HWY_INLINE float RowExp(Lanes16 d, float* x, const uint64_t* bits,
                        int64_t tiles, float top) {
  const auto shift = hn::Set(d, top);
  const auto zero = hn::Zero(d);
  auto sum = zero;
  for (int64_t t = 0; t < tiles; ++t) {
    ForTile(
        d, bits[t], t * kColumns,
        [&](int64_t c) HWY_ATTR {
          const auto y = ExpNegative(d, hn::Sub(hn::LoadU(d, x + c), shift));
          hn::StoreU(y, d, x + c);
          sum = hn::Add(sum, y);
        },
        [&](int64_t c, hn::Mask<Lanes16> mask) HWY_ATTR {
          const auto y = hn::IfThenElseZero(
              mask, ExpNegative(d, hn::Sub(hn::LoadU(d, x + c), shift)));
          hn::StoreU(y, d, x + c);
          sum = hn::Add(sum, y);
        },
        [&](int64_t c) HWY_ATTR { hn::StoreU(zero, d, x + c); });
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

void SoftmaxRowsImpl(const MaskedRows& shape, float* scores, float* lse,
                     float* inverse_sum) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Lanes16 d;
  for (int64_t i = 0; i < shape.rows; ++i) {
    float* row = scores + i * shape.stride;
    const uint64_t* bits = shape.bits + i * shape.tiles;
    const float top = RowMax(d, row, bits, shape.tiles);
    if (top == -kInfinity) {  // sees nothing, or only scores of -inf
      // Not memset: without tiles there may be no row.
      std::fill_n(row, shape.tiles * kColumns, 0.0f);
      lse[i] = kInfinity;
      inverse_sum[i] = 0;
      continue;
    }
    const float sum = RowExp(d, row, bits, shape.tiles, top);
    lse[i] = top + std::log(sum);
    inverse_sum[i] = 1 / sum;
  }
}

// One vector of SoftmaxGradientRows. `factors` may be null.
HWY_INLINE void GradientAt(Lanes16 d, Vector p, Vector delta,
                           const float* factors, float* scores, float* dp) {
  auto gradient = hn::LoadU(d, dp);
  auto dropped = p;
  if (factors != nullptr) {
    const auto factor = hn::LoadU(d, factors);
    gradient = hn::Mul(gradient, factor);
    dropped = hn::Mul(p, factor);
  }
  hn::StoreU(dropped, d, scores);
  hn::StoreU(hn::Mul(p, hn::Sub(gradient, delta)), d, dp);
}

// Masked columns of dp may hold anything: they are replaced before they count.
void SoftmaxGradientRowsImpl(const MaskedRows& shape, const float* factors,
                             const float* lse, const float* delta,
                             float* scores, float* dp) {
  const Lanes16 d;
  const auto zero = hn::Zero(d);
  for (int64_t i = 0; i < shape.rows; ++i) {
    float* s = scores + i * shape.stride;
    float* g = dp + i * shape.stride;
    const float* f = factors ? factors + i * shape.stride : nullptr;
    const uint64_t* bits = shape.bits + i * shape.tiles;
    const auto row_lse = hn::Set(d, lse[i]);
    const auto row_delta = hn::Set(d, delta[i]);
    const auto none = [&](int64_t c) HWY_ATTR {
      hn::StoreU(zero, d, s + c);
      hn::StoreU(zero, d, g + c);
    };
    const auto full = [&](int64_t c) HWY_ATTR {
      const auto p = ExpNegative(d, hn::Sub(hn::LoadU(d, s + c), row_lse));
      GradientAt(d, p, row_delta, f ? f + c : nullptr, s + c, g + c);
    };
    const auto partial = [&](int64_t c, hn::Mask<Lanes16> mask) HWY_ATTR {
      full(c);
      hn::StoreU(hn::IfThenElseZero(mask, hn::LoadU(d, s + c)), d, s + c);
      hn::StoreU(hn::IfThenElseZero(mask, hn::LoadU(d, g + c)), d, g + c);
    };
    for (int64_t t = 0; t < shape.tiles; ++t) {
      ForTile(d, bits[t], t * kColumns, full, partial, none);
    }
  }
}

void ScaleRowsImpl(int64_t rows, int64_t n, int64_t stride,
                   const float* factors, float* y) {
  for (int64_t r = 0; r < rows; ++r) {
    float* row = y + r * stride;
    const float factor = factors[r];
    ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
      hn::StoreU(hn::Mul(hn::LoadU(d, row + i), hn::Set(d, factor)), d,
                 row + i);
    });
  }
}

void DotRowsImpl(int64_t rows, int64_t n, int64_t stride, const float* a,
                 const float* b, float* out) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* x = a + r * stride;
    const float* y = b + r * stride;
    out[r] = SumLanes(n, [&](auto d, int64_t i) HWY_ATTR {
      return hn::Mul(hn::LoadU(d, x + i), hn::LoadU(d, y + i));
    });
  }
}

void AddRowImpl(int64_t n, const float* x, float* y) {
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    hn::StoreU(hn::Add(hn::LoadU(d, y + i), hn::LoadU(d, x + i)), d, y + i);
  });
}

template <class T>
HWY_INLINE void KeyDotsOf(int64_t n, int64_t dim, int64_t stride,
                          const float* q, const T* keys, float scale,
                          float* out) {
  for (int64_t k = 0; k < n; ++k) {
    const T* key = keys + k * stride;
    out[k] = scale * SumLanes(dim, [&](auto d, int64_t i) HWY_ATTR {
               return hn::Mul(hn::LoadU(d, q + i), LoadF(d, key + i));
             });
  }
}

// Four keys at a time, so that `out` is read and written a quarter as often.
template <class T>
HWY_INLINE void AddValuesOf(int64_t n, int64_t dim, int64_t stride,
                            const float* weights, const T* values, float* out) {
  int64_t k = 0;
  for (; k + 4 <= n; k += 4) {
    const T* v = values + k * stride;
    const float* w = weights + k;
    ForLanes(dim, [&](auto d, int64_t i) HWY_ATTR {
      auto sum = hn::LoadU(d, out + i);
      sum = hn::MulAdd(hn::Set(d, w[0]), LoadF(d, v + i), sum);
      sum = hn::MulAdd(hn::Set(d, w[1]), LoadF(d, v + stride + i), sum);
      sum = hn::MulAdd(hn::Set(d, w[2]), LoadF(d, v + 2 * stride + i), sum);
      sum = hn::MulAdd(hn::Set(d, w[3]), LoadF(d, v + 3 * stride + i), sum);
      hn::StoreU(sum, d, out + i);
    });
  }
  for (; k < n; ++k) {
    const T* v = values + k * stride;
    ForLanes(dim, [&](auto d, int64_t i) HWY_ATTR {
      const auto sum = hn::LoadU(d, out + i);
      hn::StoreU(hn::MulAdd(hn::Set(d, weights[k]), LoadF(d, v + i), sum), d,
                 out + i);
    });
  }
}

void KeyDotsF32(int64_t n, int64_t dim, int64_t stride, const float* q,
                const float* keys, float scale, float* out) {
  KeyDotsOf(n, dim, stride, q, keys, scale, out);
}
void KeyDotsBF16(int64_t n, int64_t dim, int64_t stride, const float* q,
                 const BF16* keys, float scale, float* out) {
  KeyDotsOf(n, dim, stride, q, keys, scale, out);
}
void AddValuesF32(int64_t n, int64_t dim, int64_t stride, const float* weights,
                  const float* values, float* out) {
  AddValuesOf(n, dim, stride, weights, values, out);
}
void AddValuesBF16(int64_t n, int64_t dim, int64_t stride, const float* weights,
                   const BF16* values, float* out) {
  AddValuesOf(n, dim, stride, weights, values, out);
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {
HWY_EXPORT(SoftmaxRowsImpl);
HWY_EXPORT(SoftmaxGradientRowsImpl);
HWY_EXPORT(ScaleRowsImpl);
HWY_EXPORT(DotRowsImpl);
HWY_EXPORT(AddRowImpl);
HWY_EXPORT(KeyDotsF32);
HWY_EXPORT(KeyDotsBF16);
HWY_EXPORT(AddValuesF32);
HWY_EXPORT(AddValuesBF16);
}  // namespace

void SoftmaxRows(const MaskedRows& shape, float* scores, float* lse,
                 float* inverse_sum) {
  HWY_DYNAMIC_DISPATCH(SoftmaxRowsImpl)(shape, scores, lse, inverse_sum);
}
void SoftmaxGradientRows(const MaskedRows& shape, const float* factors,
                         const float* lse, const float* delta, float* scores,
                         float* d_probabilities) {
  HWY_DYNAMIC_DISPATCH(SoftmaxGradientRowsImpl)
  (shape, factors, lse, delta, scores, d_probabilities);
}
void ScaleRows(int64_t rows, int64_t n, int64_t stride, const float* factors,
               float* y) {
  HWY_DYNAMIC_DISPATCH(ScaleRowsImpl)(rows, n, stride, factors, y);
}
void DotRows(int64_t rows, int64_t n, int64_t stride, const float* a,
             const float* b, float* out) {
  HWY_DYNAMIC_DISPATCH(DotRowsImpl)(rows, n, stride, a, b, out);
}
void AddRow(int64_t n, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(AddRowImpl)(n, x, y);
}
void KeyDots(int64_t n, int64_t dim, int64_t stride, const float* q,
             const float* keys, float scale, float* out) {
  HWY_DYNAMIC_DISPATCH(KeyDotsF32)(n, dim, stride, q, keys, scale, out);
}
void KeyDots(int64_t n, int64_t dim, int64_t stride, const float* q,
             const BF16* keys, float scale, float* out) {
  HWY_DYNAMIC_DISPATCH(KeyDotsBF16)(n, dim, stride, q, keys, scale, out);
}
void AddValues(int64_t n, int64_t dim, int64_t stride, const float* weights,
               const float* values, float* out) {
  HWY_DYNAMIC_DISPATCH(AddValuesF32)(n, dim, stride, weights, values, out);
}
void AddValues(int64_t n, int64_t dim, int64_t stride, const float* weights,
               const BF16* values, float* out) {
  HWY_DYNAMIC_DISPATCH(AddValuesBF16)(n, dim, stride, weights, values, out);
}

}  // namespace archlab
#endif  // HWY_ONCE
