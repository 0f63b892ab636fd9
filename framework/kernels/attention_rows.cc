// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rows of attention but for softmax: copies, sums and products with a row.

#include "kernels/attention_rows.h"

#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention_rows.cc"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

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

// The rows of a head are far apart, which no hardware prefetcher foresees.
template <class T>
HWY_INLINE void FetchAhead(int64_t r, int64_t rows, int64_t n, const T* row,
                           int64_t stride) {
  constexpr int64_t kAhead = 12, kLine = 64;
  if (stride == n || r + kAhead >= rows) return;
  for (int64_t i = 0; i < n; i += kLine / sizeof(T))
    hwy::Prefetch(row + kAhead * stride + i);
}

template <class A, class B>
HWY_INLINE void CopyRowsOf(int64_t rows, int64_t n, const float* factors,
                           const A* x, int64_t x_stride, B* y,
                           int64_t y_stride) {
  for (int64_t r = 0; r < rows; ++r) {
    const A* from = x + r * x_stride;
    B* const to = y + r * y_stride;
    FetchAhead(r, rows, n, from, x_stride);
    const float factor = factors ? factors[r] : 1;
    ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
      StoreF(d, hn::Mul(LoadF(d, from + i), hn::Set(d, factor)), to + i);
    });
  }
}

void CopyRowsFF(int64_t rows, int64_t n, const float* factors, const float* x,
                int64_t x_stride, float* y, int64_t y_stride) {
  CopyRowsOf(rows, n, factors, x, x_stride, y, y_stride);
}
void CopyRowsBB(int64_t rows, int64_t n, const float* factors, const BF16* x,
                int64_t x_stride, BF16* y, int64_t y_stride) {
  CopyRowsOf(rows, n, factors, x, x_stride, y, y_stride);
}
void CopyRowsBF(int64_t rows, int64_t n, const float* factors, const BF16* x,
                int64_t x_stride, float* y, int64_t y_stride) {
  CopyRowsOf(rows, n, factors, x, x_stride, y, y_stride);
}
void CopyRowsFB(int64_t rows, int64_t n, const float* factors, const float* x,
                int64_t x_stride, BF16* y, int64_t y_stride) {
  CopyRowsOf(rows, n, factors, x, x_stride, y, y_stride);
}

template <class T>
HWY_INLINE void DotRowsOf(int64_t rows, int64_t n, int64_t stride, const T* a,
                          const T* b, float* out) {
  for (int64_t r = 0; r < rows; ++r) {
    const T* x = a + r * stride;
    const T* y = b + r * stride;
    out[r] = SumLanes(n, [&](auto d, int64_t i) HWY_ATTR {
      return hn::Mul(LoadF(d, x + i), LoadF(d, y + i));
    });
  }
}

void DotRowsF32(int64_t rows, int64_t n, int64_t stride, const float* a,
                const float* b, float* out) {
  DotRowsOf(rows, n, stride, a, b, out);
}
void DotRowsBF16(int64_t rows, int64_t n, int64_t stride, const BF16* a,
                 const BF16* b, float* out) {
  DotRowsOf(rows, n, stride, a, b, out);
}

template <class T>
HWY_INLINE void AddRowOf(int64_t n, const T* x, float* y) {
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    hn::StoreU(hn::Add(hn::LoadU(d, y + i), LoadF(d, x + i)), d, y + i);
  });
}

void AddRowF32(int64_t n, const float* x, float* y) { AddRowOf(n, x, y); }
void AddRowBF16(int64_t n, const BF16* x, float* y) { AddRowOf(n, x, y); }

template <class T>
HWY_INLINE void KeyDotsOf(int64_t n, int64_t dim, int64_t stride,
                          const float* q, const T* keys, float scale,
                          float* out) {
  for (int64_t k = 0; k < n; ++k) {
    const T* key = keys + k * stride;
    FetchAhead(k, n, dim, key, stride);
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
    for (int64_t j = 0; j < 4; ++j)
      FetchAhead(k + j, n, dim, v + j * stride, stride);
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
HWY_EXPORT(ScaleRowsImpl);
HWY_EXPORT(CopyRowsFF);
HWY_EXPORT(CopyRowsBB);
HWY_EXPORT(CopyRowsBF);
HWY_EXPORT(CopyRowsFB);
HWY_EXPORT(DotRowsF32);
HWY_EXPORT(DotRowsBF16);
HWY_EXPORT(AddRowF32);
HWY_EXPORT(AddRowBF16);
HWY_EXPORT(KeyDotsF32);
HWY_EXPORT(KeyDotsBF16);
HWY_EXPORT(AddValuesF32);
HWY_EXPORT(AddValuesBF16);
}  // namespace

void ScaleRows(int64_t rows, int64_t n, int64_t stride, const float* factors,
               float* y) {
  HWY_DYNAMIC_DISPATCH(ScaleRowsImpl)(rows, n, stride, factors, y);
}

template <>
void CopyRows(int64_t rows, int64_t n, const float* factors, const float* x,
              int64_t x_stride, float* y, int64_t y_stride) {
  HWY_DYNAMIC_DISPATCH(CopyRowsFF)(rows, n, factors, x, x_stride, y, y_stride);
}
template <>
void CopyRows(int64_t rows, int64_t n, const float* factors, const BF16* x,
              int64_t x_stride, BF16* y, int64_t y_stride) {
  HWY_DYNAMIC_DISPATCH(CopyRowsBB)(rows, n, factors, x, x_stride, y, y_stride);
}
template <>
void CopyRows(int64_t rows, int64_t n, const float* factors, const BF16* x,
              int64_t x_stride, float* y, int64_t y_stride) {
  HWY_DYNAMIC_DISPATCH(CopyRowsBF)(rows, n, factors, x, x_stride, y, y_stride);
}
template <>
void CopyRows(int64_t rows, int64_t n, const float* factors, const float* x,
              int64_t x_stride, BF16* y, int64_t y_stride) {
  HWY_DYNAMIC_DISPATCH(CopyRowsFB)(rows, n, factors, x, x_stride, y, y_stride);
}

template <>
void DotRows(int64_t rows, int64_t n, int64_t stride, const float* a,
             const float* b, float* out) {
  HWY_DYNAMIC_DISPATCH(DotRowsF32)(rows, n, stride, a, b, out);
}
template <>
void DotRows(int64_t rows, int64_t n, int64_t stride, const BF16* a,
             const BF16* b, float* out) {
  HWY_DYNAMIC_DISPATCH(DotRowsBF16)(rows, n, stride, a, b, out);
}

template <>
void AddRow(int64_t n, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(AddRowF32)(n, x, y);
}
template <>
void AddRow(int64_t n, const BF16* x, float* y) {
  HWY_DYNAMIC_DISPATCH(AddRowBF16)(n, x, y);
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
