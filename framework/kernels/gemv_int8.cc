// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Products with 8-bit weights in whole numbers: weights of 8 bits times rows of
// 16, whose pairs the processor adds up in 32 bits at the speed of memory.

#include "kernels/gemv_int8.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/chunks.h"
#include "kernels/flops.h"
#include "kernels/targets.h"
#include "kernels/types.h"

#ifndef ARCHLAB_GEMV_INT8_ROWS_
#define ARCHLAB_GEMV_INT8_ROWS_
namespace archlab {

// Rows of x as 16-bit numbers times a scale, with the weight's stride.
struct Int16Rows {
  int64_t m, stride;
  const int16_t* values;
  const float* scales;
};

// dots [2][m] of two weight rows, `far` elements apart: as in gemv.cc, memory
// is fastest with two streams.
using Int8DotFunction = void (*)(const Int16Rows& x, const int8_t* w,
                                 int64_t far, float* dots);

}  // namespace archlab
#endif  // ARCHLAB_GEMV_INT8_ROWS_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemv_int8.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

// Sums of so many products do not overflow 32 bits, in the narrowest vector.
constexpr int64_t kBlock = 1024;

#if HWY_TARGET == HWY_SCALAR

void DotInt8(const Int16Rows& x, const int8_t* w, int64_t far, float* dots) {
  for (int64_t r = 0; r < 2 * x.m; ++r) {
    const int8_t* const row = r < x.m ? w : w + far;
    int64_t sum = 0;
    for (int64_t i = 0; i < x.stride; ++i)
      sum += int64_t{row[i]} * x.values[r % x.m * x.stride + i];
    dots[r] = static_cast<float>(sum);
  }
}

#else

// Dot products of two weight rows with kRows rows of x; m is the distance
// between their dots. The stride is a multiple of 64: of whole vectors.
template <int kRows>
HWY_INLINE void DotRowsInt8(int64_t stride, int64_t m, const int16_t* x,
                            const int8_t* w, int64_t far, float* dots) {
  const hn::CappedTag<int16_t, 32> d16;
  const hn::Rebind<int8_t, decltype(d16)> d8;
  const hn::RepartitionToWide<decltype(d16)> d32;
  const hn::RebindToFloat<decltype(d32)> d;
  using Sum = hn::Vec<decltype(d32)>;
  const int64_t lanes = hn::Lanes(d16);
  hn::Vec<decltype(d)> totals[2][kRows];
  for (int r = 0; r < kRows; ++r) totals[0][r] = totals[1][r] = hn::Zero(d);
  for (int64_t begin = 0; begin < stride; begin += kBlock) {
    const int64_t end = HWY_MIN(begin + kBlock, stride);
    Sum lower[2][kRows], upper[2][kRows];
    for (int r = 0; r < kRows; ++r)
      lower[0][r] = lower[1][r] = upper[0][r] = upper[1][r] = hn::Zero(d32);
    for (int64_t i = begin; i < end; i += lanes) {
      for (int s = 0; s < 2; ++s) {
        const auto values = hn::PromoteTo(d16, hn::LoadU(d8, w + s * far + i));
        for (int r = 0; r < kRows; ++r)
          lower[s][r] = hn::ReorderWidenMulAccumulate(
              d32, values, hn::LoadU(d16, x + r * stride + i), lower[s][r],
              upper[s][r]);
      }
    }
    for (int s = 0; s < 2; ++s)
      for (int r = 0; r < kRows; ++r)
        totals[s][r] = hn::Add(
            totals[s][r], hn::ConvertTo(d, hn::Add(lower[s][r], upper[s][r])));
  }
  for (int s = 0; s < 2; ++s)
    for (int r = 0; r < kRows; ++r)
      dots[s * m + r] = hn::GetLane(hn::SumOfLanes(d, totals[s][r]));
}

void DotInt8(const Int16Rows& x, const int8_t* w, int64_t far, float* dots) {
  int64_t r = 0;
  for (; r + 4 <= x.m; r += 4)
    DotRowsInt8<4>(x.stride, x.m, x.values + r * x.stride, w, far, dots + r);
  for (; r < x.m; ++r)
    DotRowsInt8<1>(x.stride, x.m, x.values + r * x.stride, w, far, dots + r);
}

#endif

Int8DotFunction Int8Dot() { return &DotInt8; }

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(Int8Dot);

constexpr int64_t kUnit = 64;  // elements that a row is filled up to

float ToFloat(float x) { return x; }
float ToFloat(BF16 x) { return x.ToFloat(); }
void Store(float value, float* y) { *y = value; }
void Store(float value, BF16* y) { *y = BF16::From(value); }

// Largest magnitude; not finite where an element is not.
template <class T>
float LargestOf(const T* x, int64_t n) {
  float largest = 0;
  bool finite = true;
  for (int64_t i = 0; i < n; ++i) {
    const float magnitude = std::abs(ToFloat(x[i]));
    finite &= magnitude <= std::numeric_limits<float>::max();
    largest = std::max(largest, magnitude);
  }
  return finite ? largest : std::numeric_limits<float>::quiet_NaN();
}

// x = scale * q with |q| <= most. Returns the scale, NaN where x is not finite.
template <class T, class Q>
float RoundRow(const T* x, int64_t n, float most, Q* q) {
  const float largest = LargestOf(x, n);
  const float scale = largest / most;
  // So small a row has no inverse scale; it counts as zero.
  const bool normal = scale >= std::numeric_limits<float>::min();
  const float inverse = normal ? 1 / scale : 0;
  for (int64_t i = 0; i < n; ++i) {
    // No library call: adding and subtracting 1.5 * 2^23 rounds to even.
    constexpr float kShift = 12582912;
    const float value = normal ? ToFloat(x[i]) * inverse : 0;
    q[i] = static_cast<Q>((value + kShift) - kShift);
  }
  return scale;
}

}  // namespace

Int8Matrix::Int8Matrix(const float* weight, int64_t n, int64_t k)
    : n_(n),
      k_(k),
      stride_((k + kUnit - 1) / kUnit * kUnit),
      values_(n * stride_),
      scales_(n) {
  int8_t* const values = static_cast<int8_t*>(values_.data);
  ForRows(n, k, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; ++j) {
      int8_t* const row = values + j * stride_;
      scales_[j] = RoundRow(weight + j * k, k, 127, row);
      std::fill(row + k, row + stride_, int8_t{0});
    }
  });
}

void Int8Matrix::Read(float* weight) const {
  ForRows(n_, k_, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; ++j)
      for (int64_t i = 0; i < k_; ++i)
        weight[j * k_ + i] = scale(j) * static_cast<float>(row(j)[i]);
  });
}

template <class T, class Y>
void RunGemvInt8(const T* x, int64_t m, const Int8Matrix& weight,
                 const float* bias, Y* y) {
  if (m == 0) return;
  static const Int8DotFunction dot = HWY_DYNAMIC_DISPATCH(Int8Dot)();
  const int64_t n = weight.n(), k = weight.k(), stride = weight.stride();
  CountProduct(m, n, k);
  const Storage memory(
      m * (stride * int64_t{sizeof(int16_t)} + int64_t{sizeof(float)}));
  int16_t* const values = static_cast<int16_t*>(memory.data);
  float* const scales = reinterpret_cast<float*>(values + m * stride);
  for (int64_t r = 0; r < m; ++r) {
    scales[r] = RoundRow(x + r * k, k, 32767, values + r * stride);
    std::fill(values + r * stride + k, values + (r + 1) * stride, int16_t{0});
  }
  const Int16Rows rows = {m, stride, values, scales};
  ForWeightRows(n, k, [&](int64_t begin, int64_t end) {
    const Storage scratch(2 * m * int64_t{sizeof(float)});
    float* const dots = static_cast<float*>(scratch.data);
    const auto store = [&](int64_t j, const float* of_row) {
      const float add = bias == nullptr ? 0 : bias[j];
      for (int64_t r = 0; r < m; ++r)
        Store(weight.scale(j) * (scales[r] * of_row[r]) + add, y + r * n + j);
    };
    // An odd chunk's middle row is computed twice.
    const int64_t half = (end - begin) / 2, pairs = end - begin - half;
    for (int64_t j = begin; j < begin + pairs; ++j) {
      dot(rows, weight.row(j), half * stride, dots);
      store(j, dots);
      store(j + half, dots + m);
    }
  });
}

template void RunGemvInt8(const float*, int64_t, const Int8Matrix&,
                          const float*, float*);
template void RunGemvInt8(const float*, int64_t, const Int8Matrix&,
                          const float*, BF16*);
template void RunGemvInt8(const BF16*, int64_t, const Int8Matrix&, const float*,
                          float*);
template void RunGemvInt8(const BF16*, int64_t, const Int8Matrix&, const float*,
                          BF16*);

}  // namespace archlab
#endif  // HWY_ONCE
