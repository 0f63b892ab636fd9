// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Products with 8-bit weights in whole numbers: weights of 8 bits times rows of
// 16, whose pairs the processor adds up in 32 bits at the speed of memory.

#include "kernels/gemv_int8.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "kernels/chunks.h"
#include "kernels/flops.h"
#include "kernels/targets.h"
#include "kernels/types.h"

#ifndef ARCHLAB_GEMV_INT8_TABLE_
#define ARCHLAB_GEMV_INT8_TABLE_
namespace archlab {

// Rows of x as 16-bit numbers times a scale, with the weight's stride, and what
// RunGemvInt8 gets.
template <class Y>
struct GemvInt8Args {
  int64_t m;
  const int16_t* x;
  const float* scales;
  const Int8Matrix* weight;
  const float* bias;
  Y* y;
};

// x = scale * q with |q| as large as Q allows. Returns the scale, NaN where x
// is not finite.
template <class T, class Q>
using RoundRowFunction = float (*)(const T* x, int64_t n, Q* q);
// Weight rows from begin to end times x.
template <class Y>
using GemvInt8Function = void (*)(const GemvInt8Args<Y>& args, int64_t begin,
                                  int64_t end);

struct GemvInt8Table {
  RoundRowFunction<float, int8_t> round_weight;
  RoundRowFunction<float, int16_t> round_floats;
  RoundRowFunction<BF16, int16_t> round_bf16;
  GemvInt8Function<float> gemv_floats;
  GemvInt8Function<BF16> gemv_bf16;
};

}  // namespace archlab
#endif  // ARCHLAB_GEMV_INT8_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemv_int8.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

// Largest magnitude; NaN where an element is not finite.
template <class T>
HWY_INLINE float LargestOf(const T* x, int64_t n) {
  constexpr float kMost = std::numeric_limits<float>::max();
  float largest = 0;
  bool finite = true;
  const Floats full;
  auto top = hn::Zero(full);
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto magnitude = hn::Abs(LoadF(d, x + i));
    finite &= hn::AllTrue(d, hn::Le(magnitude, hn::Set(d, kMost)));
    if constexpr (std::is_same_v<decltype(d), Floats>)
      top = hn::Max(top, magnitude);
    else
      largest = HWY_MAX(largest, hn::GetLane(magnitude));
  });
  largest = HWY_MAX(largest, hn::GetLane(hn::MaxOfLanes(full, top)));
  return finite ? largest : std::numeric_limits<float>::quiet_NaN();
}

template <class T, class Q>
float RoundRow(const T* x, int64_t n, Q* q) {
  constexpr float kMost = std::numeric_limits<Q>::max();
  const float scale = LargestOf(x, n) / kMost;
  // So small a row has no inverse scale; it counts as zero.
  const bool normal = scale >= std::numeric_limits<float>::min();
  if (!normal) {
    std::fill(q, q + n, Q{0});
    return scale;
  }
  const float inverse = 1 / scale;
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto value = hn::Mul(LoadF(d, x + i), hn::Set(d, inverse));
    const hn::Rebind<Q, decltype(d)> dq;
    hn::StoreU(hn::DemoteTo(dq, hn::NearestInt(value)), dq, q + i);
  });
  return scale;
}

// Sums of so many products do not overflow 32 bits, in the narrowest vector.
constexpr int64_t kBlock = 1024;

// dots [2][kRows] of two weight rows, `far` elements apart, with kRows rows of
// x: as in gemv.cc, memory is fastest with two streams.
#if HWY_TARGET == HWY_SCALAR

template <int kRows>
void DotRowsInt8(int64_t stride, const int16_t* x, const int8_t* w, int64_t far,
                 float* dots) {
  for (int64_t r = 0; r < 2 * kRows; ++r) {
    const int8_t* const row = r < kRows ? w : w + far;
    int64_t sum = 0;
    for (int64_t i = 0; i < stride; ++i)
      sum += int64_t{row[i]} * x[r % kRows * stride + i];
    dots[r] = static_cast<float>(sum);
  }
}

#else

// The stride is a multiple of 64: of whole vectors.
template <int kRows>
HWY_INLINE void DotRowsInt8(int64_t stride, const int16_t* x, const int8_t* w,
                            int64_t far, float* dots) {
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
      dots[s * kRows + r] = hn::GetLane(hn::SumOfLanes(d, totals[s][r]));
}

#endif

// Elements j and j + half of rows row .. row + kRows - 1 of y.
template <int kRows, class Y>
HWY_INLINE void PairOfColumns(const GemvInt8Args<Y>& args, int64_t row,
                              int64_t j, int64_t half) {
  const Int8Matrix& weight = *args.weight;
  const int64_t stride = weight.stride();
  float dots[2 * kRows];
  DotRowsInt8<kRows>(stride, args.x + row * stride, weight.row(j),
                     half * stride, dots);
  for (int s = 0; s < 2; ++s, j += half) {
    const float scale = weight.scale(j);
    const float bias = args.bias == nullptr ? 0 : args.bias[j];
    for (int r = 0; r < kRows; ++r) {
      const float product = args.scales[row + r] * dots[s * kRows + r];
      StoreF(OneFloat(), hn::Set(OneFloat(), scale * product + bias),
             args.y + (row + r) * weight.n() + j);
    }
  }
}

template <class Y>
void GemvInt8(const GemvInt8Args<Y>& args, int64_t begin, int64_t end) {
  // An odd chunk's middle row is computed twice.
  const int64_t half = (end - begin) / 2, pairs = end - begin - half;
  for (int64_t j = begin; j < begin + pairs; ++j) {
    int64_t row = 0;
    for (; row + 4 <= args.m; row += 4) PairOfColumns<4>(args, row, j, half);
    for (; row < args.m; ++row) PairOfColumns<1>(args, row, j, half);
  }
}

GemvInt8Table MakeGemvInt8Table() {
  return {&RoundRow<float, int8_t>, &RoundRow<float, int16_t>,
          &RoundRow<BF16, int16_t>, &GemvInt8<float>, &GemvInt8<BF16>};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeGemvInt8Table);

const GemvInt8Table& Table() {
  static const GemvInt8Table table = HWY_DYNAMIC_DISPATCH(MakeGemvInt8Table)();
  return table;
}

constexpr int64_t kUnit = 64;  // elements that a row is filled up to

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
      scales_[j] = Table().round_weight(weight + j * k, k, row);
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
  RoundRowFunction<T, int16_t> round;
  if constexpr (std::is_same_v<T, float>)
    round = Table().round_floats;
  else
    round = Table().round_bf16;
  GemvInt8Function<Y> gemv;
  if constexpr (std::is_same_v<Y, float>)
    gemv = Table().gemv_floats;
  else
    gemv = Table().gemv_bf16;
  const int64_t n = weight.n(), k = weight.k(), stride = weight.stride();
  CountProduct(m, n, k);
  const Storage memory(
      m * (stride * int64_t{sizeof(int16_t)} + int64_t{sizeof(float)}));
  int16_t* const values = static_cast<int16_t*>(memory.data);
  float* const scales = reinterpret_cast<float*>(values + m * stride);
  for (int64_t r = 0; r < m; ++r) {
    scales[r] = round(x + r * k, k, values + r * stride);
    std::fill(values + r * stride + k, values + (r + 1) * stride, int16_t{0});
  }
  const GemvInt8Args<Y> args = {m, values, scales, &weight, bias, y};
  ForWeightRows(n, k,
                [&](int64_t begin, int64_t end) { gemv(args, begin, end); });
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
