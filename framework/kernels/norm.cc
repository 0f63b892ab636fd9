// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Layer norm and RMS norm over rows.

#include "kernels/norm.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <type_traits>

#include "kernels/chunks.h"
#include "kernels/reduce.h"
#include "kernels/reference.h"
#include "kernels/targets.h"
#include "tensor/storage.h"

#ifndef ARCHLAB_NORM_TABLE_
#define ARCHLAB_NORM_TABLE_
namespace archlab {

// RMS norm is the layer norm without mean and bias: its mean is nullptr.
template <class T>
struct NormArgs {
  const T* x;
  const float* gain;  // or nullptr
  const float* bias;  // or nullptr
  float* mean;        // forward: outputs, or nullptr
  float* rstd;
  const T* dy;
  T* y;          // forward: y; backward: dx, or nullptr
  float* dgain;  // sums of these rows, or nullptr
  float* dbias;
  double epsilon;
  int64_t rows, n;
};
template <class T>
struct NormFunctions {
  void (*layer_forward)(const NormArgs<T>& args);
  void (*layer_backward)(const NormArgs<T>& args);
  void (*rms_forward)(const NormArgs<T>& args);
  void (*rms_backward)(const NormArgs<T>& args);
};
using NormTable = std::tuple<NormFunctions<float>, NormFunctions<BF16>>;

}  // namespace archlab
#endif  // ARCHLAB_NORM_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/norm.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

template <bool kCentred, class T>
void NormRow(const NormArgs<T>& args, int64_t row) {
  const int64_t n = args.n;
  const T* const x = args.x + row * n;
  T* const y = args.y + row * n;
  float mean = 0;
  if constexpr (kCentred) {
    mean = SumLanes(
               n, [&](auto d, int64_t i) HWY_ATTR { return LoadF(d, x + i); }) /
           n;
  }
  const float squares = SumLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto v = hn::Sub(LoadF(d, x + i), hn::Set(d, mean));
    return hn::Mul(v, v);
  });
  const float rstd = float(1 / std::sqrt(double(squares) / n + args.epsilon));
  if (args.mean != nullptr) args.mean[row] = mean;
  if (args.rstd != nullptr) args.rstd[row] = rstd;
  const float* const gain = args.gain;
  const float* const bias = args.bias;
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    auto v = hn::Sub(LoadF(d, x + i), hn::Set(d, mean));
    v = hn::Mul(v, hn::Set(d, rstd));
    if (gain != nullptr) v = hn::Mul(v, LoadF(d, gain + i));
    if (bias != nullptr) v = hn::Add(v, LoadF(d, bias + i));
    StoreF(d, v, y + i);
  });
}

template <bool kCentred, class T>
void NormRows(const NormArgs<T>& args) {
  for (int64_t row = 0; row < args.rows; ++row) NormRow<kCentred>(args, row);
}

// The part of dgain and dbias of a row; must come before dx, which may be dy.
template <class T>
HWY_INLINE void AddNormSums(const NormArgs<T>& args, const T* x, const T* dy,
                            float mean, float rstd) {
  float* const dgain = args.dgain;
  float* const dbias = args.dbias;
  if (dgain == nullptr && dbias == nullptr) return;
  ForLanes(args.n, [&](auto d, int64_t i) HWY_ATTR {
    const auto g = LoadF(d, dy + i);
    if (dgain != nullptr) {
      const auto centred = hn::Sub(LoadF(d, x + i), hn::Set(d, mean));
      const auto h = hn::Mul(centred, hn::Set(d, rstd));
      StoreF(d, hn::MulAdd(g, h, LoadF(d, dgain + i)), dgain + i);
    }
    if (dbias != nullptr) {
      StoreF(d, hn::Add(g, LoadF(d, dbias + i)), dbias + i);
    }
  });
}

// See reference_rows.cc for the formula.
template <bool kCentred, class T>
HWY_INLINE void NormGradientRow(const NormArgs<T>& args, const T* x,
                                const T* dy, T* dx, float mean, float rstd) {
  const int64_t n = args.n;
  const float* const gain = args.gain;
  const auto scaled = [&](auto d, int64_t i) HWY_ATTR {
    const auto g = LoadF(d, dy + i);
    return gain != nullptr ? hn::Mul(g, LoadF(d, gain + i)) : g;
  };
  const auto normal = [&](auto d, int64_t i) HWY_ATTR {
    const auto centred = hn::Sub(LoadF(d, x + i), hn::Set(d, mean));
    return hn::Mul(centred, hn::Set(d, rstd));
  };
  float sum = 0;
  if constexpr (kCentred) sum = SumLanes(n, scaled) / n;
  const float sum_h = SumLanes(n,
                               [&](auto d, int64_t i) HWY_ATTR {
                                 return hn::Mul(scaled(d, i), normal(d, i));
                               }) /
                      n;
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    auto v = hn::Sub(scaled(d, i), hn::Set(d, sum));
    v = hn::NegMulAdd(normal(d, i), hn::Set(d, sum_h), v);
    StoreF(d, hn::Mul(v, hn::Set(d, rstd)), dx + i);
  });
}

template <bool kCentred, class T>
void NormGradientRows(const NormArgs<T>& args) {
  if (args.dgain != nullptr) std::fill_n(args.dgain, args.n, 0.0f);
  if (args.dbias != nullptr) std::fill_n(args.dbias, args.n, 0.0f);
  for (int64_t row = 0; row < args.rows; ++row) {
    const int64_t at = row * args.n;
    const float mean = kCentred ? args.mean[row] : 0;
    const float rstd = args.rstd[row];
    AddNormSums(args, args.x + at, args.dy + at, mean, rstd);
    if (args.y != nullptr) {
      NormGradientRow<kCentred>(args, args.x + at, args.dy + at, args.y + at,
                                mean, rstd);
    }
  }
}

template <class T>
NormFunctions<T> MakeNormFunctions() {
  return {&NormRows<true, T>, &NormGradientRows<true, T>, &NormRows<false, T>,
          &NormGradientRows<false, T>};
}

NormTable MakeNormTable() {
  return {MakeNormFunctions<float>(), MakeNormFunctions<BF16>()};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeNormTable);

template <class T>
const NormFunctions<T>& FunctionsOf() {
  static const NormTable table = HWY_DYNAMIC_DISPATCH(MakeNormTable)();
  return std::get<NormFunctions<T>>(table);
}

template <class P>
P* Offset(P* p, int64_t n) {
  return p == nullptr ? nullptr : p + n;
}

// The rows of `all` from `begin` to `end`.
template <class T>
NormArgs<T> Part(const NormArgs<T>& all, int64_t begin, int64_t end) {
  NormArgs<T> part = all;
  part.x = Offset(all.x, begin * all.n);
  part.y = Offset(all.y, begin * all.n);
  part.dy = Offset(all.dy, begin * all.n);
  part.mean = Offset(all.mean, begin);
  part.rstd = Offset(all.rstd, begin);
  part.rows = end - begin;
  return part;
}

template <class T>
void Forward(void (*function)(const NormArgs<T>&), const NormArgs<T>& args) {
  ForRows(args.rows, args.n, [&](int64_t begin, int64_t end) {
    function(Part(args, begin, end));
  });
}

// dgain and dbias: a row of sums for every chunk of rows, then their sum.
template <class T>
void Backward(void (*function)(const NormArgs<T>&), const NormArgs<T>& args) {
  const int64_t grain = RowsPerChunk(args.n);
  const int64_t chunks = (args.rows + grain - 1) / grain;
  const int64_t elements = chunks * args.n;
  const Storage scratch(2 * elements * sizeof(float));
  float* const dgains = static_cast<float*>(scratch.data);
  float* const dbiases = dgains + elements;
  ForRows(args.rows, args.n, [&](int64_t begin, int64_t end) {
    NormArgs<T> part = Part(args, begin, end);
    const int64_t at = begin / grain * args.n;
    part.dgain = args.dgain == nullptr ? nullptr : dgains + at;
    part.dbias = args.dbias == nullptr ? nullptr : dbiases + at;
    function(part);
  });
  if (args.dgain != nullptr) SumAxis(dgains, args.dgain, 1, chunks, args.n);
  if (args.dbias != nullptr) SumAxis(dbiases, args.dbias, 1, chunks, args.n);
}

}  // namespace

template <class T>
void LayerNormForward(const T* x, const Wide<T>* gain, const Wide<T>* bias,
                      double epsilon, T* y, Wide<T>* mean, Wide<T>* rstd,
                      int64_t rows, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::LayerNormForward(x, gain, bias, epsilon, y, mean, rstd, rows, n);
  } else {
    Forward(FunctionsOf<T>().layer_forward,
            NormArgs<T>{x, gain, bias, mean, rstd, nullptr, y, nullptr, nullptr,
                        epsilon, rows, n});
  }
}

template <class T>
void LayerNormBackward(const T* x, const Wide<T>* gain, const Wide<T>* mean,
                       const Wide<T>* rstd, const T* dy, T* dx, Wide<T>* dgain,
                       Wide<T>* dbias, int64_t rows, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::LayerNormBackward(x, gain, mean, rstd, dy, dx, dgain, dbias,
                                 rows, n);
  } else {
    // The statistics are inputs here; NormArgs holds them as outputs.
    Backward(FunctionsOf<T>().layer_backward,
             NormArgs<T>{x, gain, nullptr, const_cast<float*>(mean),
                         const_cast<float*>(rstd), dy, dx, dgain, dbias, 0,
                         rows, n});
  }
}

template <class T>
void RmsNormForward(const T* x, const Wide<T>* gain, double epsilon, T* y,
                    Wide<T>* rstd, int64_t rows, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::RmsNormForward(x, gain, epsilon, y, rstd, rows, n);
  } else {
    Forward(FunctionsOf<T>().rms_forward,
            NormArgs<T>{x, gain, nullptr, nullptr, rstd, nullptr, y, nullptr,
                        nullptr, epsilon, rows, n});
  }
}

template <class T>
void RmsNormBackward(const T* x, const Wide<T>* gain, const Wide<T>* rstd,
                     const T* dy, T* dx, Wide<T>* dgain, int64_t rows,
                     int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::RmsNormBackward(x, gain, rstd, dy, dx, dgain, rows, n);
  } else {
    Backward(FunctionsOf<T>().rms_backward,
             NormArgs<T>{x, gain, nullptr, nullptr, const_cast<float*>(rstd),
                         dy, dx, dgain, nullptr, 0, rows, n});
  }
}

#define ARCHLAB_INSTANTIATE(T)                                                 \
  template void LayerNormForward(const T*, const Wide<T>*, const Wide<T>*,     \
                                 double, T*, Wide<T>*, Wide<T>*, int64_t,      \
                                 int64_t);                                     \
  template void LayerNormBackward(const T*, const Wide<T>*, const Wide<T>*,    \
                                  const Wide<T>*, const T*, T*, Wide<T>*,      \
                                  Wide<T>*, int64_t, int64_t);                 \
  template void RmsNormForward(const T*, const Wide<T>*, double, T*, Wide<T>*, \
                               int64_t, int64_t);                              \
  template void RmsNormBackward(const T*, const Wide<T>*, const Wide<T>*,      \
                                const T*, T*, Wide<T>*, int64_t, int64_t)
ARCHLAB_INSTANTIATE(double);
ARCHLAB_INSTANTIATE(float);
ARCHLAB_INSTANTIATE(BF16);
#undef ARCHLAB_INSTANTIATE

}  // namespace archlab
#endif  // HWY_ONCE
