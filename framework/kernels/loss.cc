// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Cross-entropy over rows of logits.

#include "kernels/loss.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <type_traits>

#include "archlab/check.h"
#include "kernels/chunks.h"
#include "kernels/reference.h"
#include "kernels/targets.h"
#include "tensor/storage.h"

#ifndef ARCHLAB_LOSS_TABLE_
#define ARCHLAB_LOSS_TABLE_
namespace archlab {

struct LossRow {
  int32_t target;
  float weight, smoothing;
  int64_t classes;
};
// The weighted loss of a row; its gradient goes to `dx` unless that is nullptr.
template <class T>
using LossFunction = double (*)(const LossRow& row, const T* x, T* dx);
using LossTable = std::tuple<LossFunction<float>, LossFunction<BF16>>;

}  // namespace archlab
#endif  // ARCHLAB_LOSS_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/loss.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

// -sum q log p = log sum e^x - (1 - s) x[target] - s mean(x), and its gradient
// p - q. The logits are counted from their maximum.
template <class T>
double Loss(const LossRow& row, const T* x, T* dx) {
  const int64_t n = row.classes;
  const float top = MaxLanes(x, n);
  const float sum = SumLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    return ExpF(d, hn::Sub(LoadF(d, x + i), hn::Set(d, top)));
  });
  const double at_target = double(Widen(x[row.target])) - top;
  double loss = std::log(double(sum)) - (1.0 - row.smoothing) * at_target;
  if (row.smoothing != 0) {
    const float offsets = SumLanes(n, [&](auto d, int64_t i) HWY_ATTR {
      return hn::Sub(LoadF(d, x + i), hn::Set(d, top));
    });
    loss -= double(row.smoothing) * offsets / n;
  }
  if (dx == nullptr) return row.weight * loss;
  const float p_target = float(std::exp(at_target) / sum);
  const float scale = row.weight / sum;
  const float share = row.weight * row.smoothing / n;
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto e = ExpF(d, hn::Sub(LoadF(d, x + i), hn::Set(d, top)));
    const auto p = hn::Mul(e, hn::Set(d, scale));
    StoreF(d, hn::Sub(p, hn::Set(d, share)), dx + i);
  });
  StoreF(OneFloat(),
         hn::Set(OneFloat(),
                 row.weight * (p_target - (1 - row.smoothing)) - share),
         dx + row.target);
  return row.weight * loss;
}

LossTable MakeLossTable() { return {&Loss<float>, &Loss<BF16>}; }

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeLossTable);

}  // namespace

template <class T>
double CrossEntropyRows(const T* logits, const int32_t* targets,
                        const float* weights, double smoothing, T* dlogits,
                        int64_t rows, int64_t classes, int64_t stride) {
  ARCHLAB_CHECK(classes > 0 && classes <= stride)
      << classes << " classes in rows of " << stride;
  if constexpr (std::is_same_v<T, double>) {
    return reference::CrossEntropyRows(logits, targets, weights, smoothing,
                                       dlogits, rows, classes, stride);
  } else {
    static const LossTable table = HWY_DYNAMIC_DISPATCH(MakeLossTable)();
    const auto row_loss = std::get<LossFunction<T>>(table);
    CacheVector<double> losses(rows, 0.0);
    ForRows(rows, stride, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        T* const dx = dlogits == nullptr ? nullptr : dlogits + r * stride;
        const bool counts = weights[r] != 0;
        if (counts) {
          ARCHLAB_CHECK(targets[r] >= 0 && targets[r] < classes)
              << "target " << targets[r] << " of row " << r;
          losses[r] =
              row_loss({targets[r], weights[r], float(smoothing), classes},
                       logits + r * stride, dx);
        }
        if (dx != nullptr) {
          std::fill(dx + (counts ? classes : 0), dx + stride, T{});
        }
      }
    });
    double total = 0;
    for (const double loss : losses) total += loss;
    return total;
  }
}

#define ARCHLAB_INSTANTIATE(T)                                             \
  template double CrossEntropyRows(const T*, const int32_t*, const float*, \
                                   double, T*, int64_t, int64_t, int64_t)
ARCHLAB_INSTANTIATE(double);
ARCHLAB_INSTANTIATE(float);
ARCHLAB_INSTANTIATE(BF16);
#undef ARCHLAB_INSTANTIATE

}  // namespace archlab
#endif  // HWY_ONCE
