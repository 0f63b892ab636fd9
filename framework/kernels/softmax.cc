// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Softmax and log-softmax over rows.

#include "kernels/softmax.h"

#include <cmath>
#include <limits>
#include <tuple>
#include <type_traits>

#include "kernels/chunks.h"
#include "kernels/reference.h"
#include "kernels/targets.h"

#ifndef ARCHLAB_SOFTMAX_TABLE_
#define ARCHLAB_SOFTMAX_TABLE_
namespace archlab {

// Each works on one row of n elements.
template <class T>
struct SoftmaxFunctions {
  void (*forward)(const T* x, T* y, int64_t n);
  void (*backward)(const T* y, const T* dy, T* dx, int64_t n);
  void (*log_forward)(const T* x, T* y, int64_t n);
  void (*log_backward)(const T* y, const T* dy, T* dx, int64_t n);
};
using SoftmaxTable =
    std::tuple<SoftmaxFunctions<float>, SoftmaxFunctions<BF16>>;

}  // namespace archlab
#endif  // ARCHLAB_SOFTMAX_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/softmax.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

constexpr float kLowest = -std::numeric_limits<float>::infinity();

template <class T>
HWY_INLINE float SumOfExponentials(const T* x, float top, int64_t n) {
  return SumLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    return ExpF(d, hn::Sub(LoadF(d, x + i), hn::Set(d, top)));
  });
}

// float keeps the exponentials in y and scales them; for BF16, which would lose
// their digits, they are computed again.
template <class T>
void Softmax(const T* x, T* y, int64_t n) {
  const float top = MaxLanes(x, n);
  const bool empty = top == kLowest;
  const float shift = empty ? 0 : top;
  if constexpr (std::is_same_v<T, float>) {
    const float sum = SumLanes(n, [&](auto d, int64_t i) HWY_ATTR {
      const auto e = ExpF(d, hn::Sub(LoadF(d, x + i), hn::Set(d, shift)));
      StoreF(d, e, y + i);
      return e;
    });
    const float scale = empty && sum == 0 ? 0 : 1 / sum;
    ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
      StoreF(d, hn::Mul(LoadF(d, y + i), hn::Set(d, scale)), y + i);
    });
  } else {
    const float sum = SumOfExponentials(x, shift, n);
    const float scale = empty && sum == 0 ? 0 : 1 / sum;
    ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
      const auto e = ExpF(d, hn::Sub(LoadF(d, x + i), hn::Set(d, shift)));
      StoreF(d, hn::Mul(e, hn::Set(d, scale)), y + i);
    });
  }
}

template <class T>
void SoftmaxGradient(const T* y, const T* dy, T* dx, int64_t n) {
  const float mean = SumLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    return hn::Mul(LoadF(d, y + i), LoadF(d, dy + i));
  });
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto centred = hn::Sub(LoadF(d, dy + i), hn::Set(d, mean));
    StoreF(d, hn::Mul(LoadF(d, y + i), centred), dx + i);
  });
}

template <class T>
void LogSoftmax(const T* x, T* y, int64_t n) {
  const float top = MaxLanes(x, n);
  const float shift = top == kLowest ? 0 : top;
  const float log_sum = std::log(SumOfExponentials(x, shift, n));
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    // In this order, so that a large shift does not swallow log_sum.
    const auto centred = hn::Sub(LoadF(d, x + i), hn::Set(d, shift));
    const auto value = hn::Sub(centred, hn::Set(d, log_sum));
    // A row of only -inf: -inf - 0 - log(0) is NaN.
    const bool empty = log_sum == kLowest;
    StoreF(d, empty ? hn::Set(d, kLowest) : value, y + i);
  });
}

template <class T>
void LogSoftmaxGradient(const T* y, const T* dy, T* dx, int64_t n) {
  const float sum =
      SumLanes(n, [&](auto d, int64_t i) HWY_ATTR { return LoadF(d, dy + i); });
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto p = ExpF(d, LoadF(d, y + i));
    StoreF(d, hn::NegMulAdd(p, hn::Set(d, sum), LoadF(d, dy + i)), dx + i);
  });
}

template <class T>
SoftmaxFunctions<T> MakeSoftmaxFunctions() {
  return {&Softmax<T>, &SoftmaxGradient<T>, &LogSoftmax<T>,
          &LogSoftmaxGradient<T>};
}

SoftmaxTable MakeSoftmaxTable() {
  return {MakeSoftmaxFunctions<float>(), MakeSoftmaxFunctions<BF16>()};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeSoftmaxTable);

template <class T>
const SoftmaxFunctions<T>& FunctionsOf() {
  static const SoftmaxTable table = HWY_DYNAMIC_DISPATCH(MakeSoftmaxTable)();
  return std::get<SoftmaxFunctions<T>>(table);
}

// function(offset) for every row.
template <class Function>
void EachRow(int64_t rows, int64_t n, const Function& function) {
  ForRows(rows, n, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) function(r * n);
  });
}

}  // namespace

template <class T>
void SoftmaxForward(const T* x, T* y, int64_t rows, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::SoftmaxForward(x, y, rows, n);
  } else {
    EachRow(rows, n,
            [&](int64_t at) { FunctionsOf<T>().forward(x + at, y + at, n); });
  }
}

template <class T>
void SoftmaxBackward(const T* y, const T* dy, T* dx, int64_t rows, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::SoftmaxBackward(y, dy, dx, rows, n);
  } else {
    EachRow(rows, n, [&](int64_t at) {
      FunctionsOf<T>().backward(y + at, dy + at, dx + at, n);
    });
  }
}

template <class T>
void LogSoftmaxForward(const T* x, T* y, int64_t rows, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::LogSoftmaxForward(x, y, rows, n);
  } else {
    EachRow(rows, n, [&](int64_t at) {
      FunctionsOf<T>().log_forward(x + at, y + at, n);
    });
  }
}

template <class T>
void LogSoftmaxBackward(const T* y, const T* dy, T* dx, int64_t rows,
                        int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::LogSoftmaxBackward(y, dy, dx, rows, n);
  } else {
    EachRow(rows, n, [&](int64_t at) {
      FunctionsOf<T>().log_backward(y + at, dy + at, dx + at, n);
    });
  }
}

#define ARCHLAB_INSTANTIATE(T)                                             \
  template void SoftmaxForward(const T*, T*, int64_t, int64_t);            \
  template void SoftmaxBackward(const T*, const T*, T*, int64_t, int64_t); \
  template void LogSoftmaxForward(const T*, T*, int64_t, int64_t);         \
  template void LogSoftmaxBackward(const T*, const T*, T*, int64_t, int64_t)
ARCHLAB_INSTANTIATE(double);
ARCHLAB_INSTANTIATE(float);
ARCHLAB_INSTANTIATE(BF16);
#undef ARCHLAB_INSTANTIATE

}  // namespace archlab
#endif  // HWY_ONCE
