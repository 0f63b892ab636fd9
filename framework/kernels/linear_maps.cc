// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Scaling, accumulation, filling and conversion.

#include <algorithm>
#include <tuple>
#include <type_traits>

#include "kernels/chunks.h"
#include "kernels/convert.h"
#include "kernels/elementwise.h"
#include "kernels/reference.h"
#include "kernels/targets.h"

#ifndef ARCHLAB_LINEAR_MAPS_TABLE_
#define ARCHLAB_LINEAR_MAPS_TABLE_
namespace archlab {

template <class X, class Y>
struct LinearMaps {
  void (*affine)(const X* x, float scale, float shift, Y* y, int64_t n);
  void (*axpy)(float scale, const X* x, Y* y, int64_t n);
  void (*convert)(const X* x, Y* y, int64_t n);
};
using LinearMapsTables =
    std::tuple<LinearMaps<float, float>, LinearMaps<BF16, BF16>,
               LinearMaps<BF16, float>, LinearMaps<float, BF16>>;

}  // namespace archlab
#endif  // ARCHLAB_LINEAR_MAPS_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/linear_maps.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

template <class X, class Y>
void AffineLanes(const X* x, float scale, float shift, Y* y, int64_t n) {
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto s = hn::Set(d, scale), t = hn::Set(d, shift);
    StoreF(d, hn::MulAdd(s, LoadF(d, x + i), t), y + i);
  });
}

template <class X, class Y>
void AxpyLanes(float scale, const X* x, Y* y, int64_t n) {
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto s = hn::Set(d, scale);
    StoreF(d, hn::MulAdd(s, LoadF(d, x + i), LoadF(d, y + i)), y + i);
  });
}

template <class X, class Y>
void ConvertLanes(const X* x, Y* y, int64_t n) {
  ForLanes(n, [&](auto d, int64_t i)
                  HWY_ATTR { StoreF(d, LoadF(d, x + i), y + i); });
}

template <class X, class Y>
LinearMaps<X, Y> MakeLinearMaps() {
  return {&AffineLanes<X, Y>, &AxpyLanes<X, Y>, &ConvertLanes<X, Y>};
}

LinearMapsTables MakeLinearMapsTables() {
  return {MakeLinearMaps<float, float>(), MakeLinearMaps<BF16, BF16>(),
          MakeLinearMaps<BF16, float>(), MakeLinearMaps<float, BF16>()};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeLinearMapsTables);

template <class X, class Y>
const LinearMaps<X, Y>& MapsOf() {
  static const LinearMapsTables tables =
      HWY_DYNAMIC_DISPATCH(MakeLinearMapsTables)();
  return std::get<LinearMaps<X, Y>>(tables);
}

template <class T>
constexpr bool kVector = std::is_same_v<T, float> || std::is_same_v<T, BF16>;

// One element through double, which holds each of the other types.
template <class T>
double Read(T x) {
  if constexpr (std::is_same_v<T, BF16>)
    return x.ToFloat();
  else
    return x;
}
template <class T>
T Write(double x) {
  if constexpr (std::is_same_v<T, BF16>)
    return BF16::From(float(x));
  else
    return T(x);
}

template <class X>
void ConvertTo(const X* x, void* y, DType to, int64_t n) {
  switch (to) {
    case DType::kF64:
      return Convert(x, static_cast<double*>(y), n);
    case DType::kF32:
      return Convert(x, static_cast<float*>(y), n);
    case DType::kBF16:
      return Convert(x, static_cast<BF16*>(y), n);
    case DType::kI32:
      return Convert(x, static_cast<int32_t*>(y), n);
  }
}

}  // namespace

template <class T>
void AffineForward(const T* x, double scale, double shift, T* y, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::AffineForward(x, scale, shift, y, n);
  } else {
    const auto affine = MapsOf<T, T>().affine;
    ForElements(n, [&](int64_t begin, int64_t end) {
      affine(x + begin, float(scale), float(shift), y + begin, end - begin);
    });
  }
}

template <class X, class Y>
void Axpy(double scale, const X* x, Y* y, int64_t n) {
  if constexpr (std::is_same_v<Y, double>) {
    reference::Axpy(scale, x, y, n);
  } else {
    const auto axpy = MapsOf<X, Y>().axpy;
    ForElements(n, [&](int64_t begin, int64_t end) {
      axpy(float(scale), x + begin, y + begin, end - begin);
    });
  }
}

template <class T>
void Fill(T* y, double value, int64_t n) {
  const T element = Write<T>(value);
  ForElements(n, [&](int64_t begin, int64_t end) {
    std::fill(y + begin, y + end, element);
  });
}

template <class X, class Y>
void Convert(const X* x, Y* y, int64_t n) {
  ForElements(n, [&](int64_t begin, int64_t end) {
    if constexpr (kVector<X> && kVector<Y>) {
      MapsOf<X, Y>().convert(x + begin, y + begin, end - begin);
    } else {
      for (int64_t i = begin; i < end; ++i) y[i] = Write<Y>(Read(x[i]));
    }
  });
}

void Convert(const void* x, DType from, void* y, DType to, int64_t n) {
  switch (from) {
    case DType::kF64:
      return ConvertTo(static_cast<const double*>(x), y, to, n);
    case DType::kF32:
      return ConvertTo(static_cast<const float*>(x), y, to, n);
    case DType::kBF16:
      return ConvertTo(static_cast<const BF16*>(x), y, to, n);
    case DType::kI32:
      return ConvertTo(static_cast<const int32_t*>(x), y, to, n);
  }
}

#define ARCHLAB_INSTANTIATE(T)                                        \
  template void AffineForward(const T*, double, double, T*, int64_t); \
  template void Axpy(double, const T*, T*, int64_t);                  \
  template void Fill(T*, double, int64_t)
ARCHLAB_INSTANTIATE(double);
ARCHLAB_INSTANTIATE(float);
ARCHLAB_INSTANTIATE(BF16);
#undef ARCHLAB_INSTANTIATE
template void Axpy(double, const BF16*, float*, int64_t);
template void Axpy(double, const float*, BF16*, int64_t);
template void Fill(int32_t*, double, int64_t);
#define ARCHLAB_INSTANTIATE(X)                       \
  template void Convert(const X*, double*, int64_t); \
  template void Convert(const X*, float*, int64_t);  \
  template void Convert(const X*, BF16*, int64_t);   \
  template void Convert(const X*, int32_t*, int64_t)
ARCHLAB_INSTANTIATE(double);
ARCHLAB_INSTANTIATE(float);
ARCHLAB_INSTANTIATE(BF16);
ARCHLAB_INSTANTIATE(int32_t);
#undef ARCHLAB_INSTANTIATE

}  // namespace archlab
#endif  // HWY_ONCE
