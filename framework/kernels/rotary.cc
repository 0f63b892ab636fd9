// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rotary embedding.

#include <algorithm>
#include <tuple>
#include <type_traits>

#include "kernels/chunks.h"
#include "kernels/gather.h"
#include "kernels/reference.h"
#include "kernels/targets.h"

#ifndef ARCHLAB_ROTARY_TABLE_
#define ARCHLAB_ROTARY_TABLE_
namespace archlab {

// Turns one head; `sign` is -1 for the inverse.
template <class T>
struct RotaryFunctions {
  void (*halves)(const T* x, const float* cosine, const float* sine, float sign,
                 T* y, int64_t pairs);
  void (*interleaved)(const T* x, const float* cosine, const float* sine,
                      float sign, T* y, int64_t pairs);
};
using RotaryTable = std::tuple<RotaryFunctions<float>, RotaryFunctions<BF16>>;

}  // namespace archlab
#endif  // ARCHLAB_ROTARY_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rotary.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

template <class T>
void RotateHalves(const T* x, const float* cosine, const float* sine,
                  float sign, T* y, int64_t pairs) {
  ForLanes(pairs, [&](auto d, int64_t i) HWY_ATTR {
    const auto u = LoadF(d, x + i), v = LoadF(d, x + i + pairs);
    const auto c = LoadF(d, cosine + i);
    const auto s = hn::Mul(LoadF(d, sine + i), hn::Set(d, sign));
    StoreF(d, hn::NegMulAdd(v, s, hn::Mul(u, c)), y + i);
    StoreF(d, hn::MulAdd(v, c, hn::Mul(u, s)), y + i + pairs);
  });
}

HWY_INLINE void RotatePairs(const float* x, const float* cosine,
                            const float* sine, float sign, float* y,
                            int64_t pairs) {
  const Floats d;
  const int64_t lanes = hn::Lanes(d);
  int64_t i = 0;
  for (; i + lanes <= pairs; i += lanes) {
    hn::Vec<Floats> u, v;
    hn::LoadInterleaved2(d, x + 2 * i, u, v);
    const auto c = LoadF(d, cosine + i);
    const auto s = hn::Mul(LoadF(d, sine + i), hn::Set(d, sign));
    const auto first = hn::NegMulAdd(v, s, hn::Mul(u, c));
    const auto second = hn::MulAdd(v, c, hn::Mul(u, s));
    hn::StoreInterleaved2(first, second, d, y + 2 * i);
  }
  for (; i < pairs; ++i) {
    const float u = x[2 * i], v = x[2 * i + 1];
    const float c = cosine[i], s = sign * sine[i];
    y[2 * i] = u * c - v * s;
    y[2 * i + 1] = u * s + v * c;
  }
}

void RotateInterleaved(const float* x, const float* cosine, const float* sine,
                       float sign, float* y, int64_t pairs) {
  RotatePairs(x, cosine, sine, sign, y, pairs);
}

// In blocks, widened on the stack.
void RotateInterleaved(const BF16* x, const float* cosine, const float* sine,
                       float sign, BF16* y, int64_t pairs) {
  constexpr int64_t kBlock = 64;  // pairs
  HWY_ALIGN float block[2 * kBlock];
  for (int64_t begin = 0; begin < pairs; begin += kBlock) {
    const int64_t count = std::min(kBlock, pairs - begin);
    ForLanes(2 * count, [&](auto d, int64_t i) HWY_ATTR {
      StoreF(d, LoadF(d, x + 2 * begin + i), block + i);
    });
    RotatePairs(block, cosine + begin, sine + begin, sign, block, count);
    ForLanes(2 * count, [&](auto d, int64_t i) HWY_ATTR {
      StoreF(d, LoadF(d, block + i), y + 2 * begin + i);
    });
  }
}

RotaryTable MakeRotaryTable() {
  return {{&RotateHalves<float>, &RotateInterleaved},
          {&RotateHalves<BF16>, &RotateInterleaved}};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeRotaryTable);

}  // namespace

template <class T>
void RotaryForward(const T* x, const Wide<T>* cosine, const Wide<T>* sine,
                   const int32_t* positions, T* y, int64_t tokens,
                   int64_t heads, int64_t head_dim, int64_t pairs,
                   bool interleaved, bool inverse) {
  if constexpr (std::is_same_v<T, double>) {
    reference::RotaryForward(x, cosine, sine, positions, y, tokens, heads,
                             head_dim, pairs, interleaved, inverse);
  } else {
    static const RotaryTable table = HWY_DYNAMIC_DISPATCH(MakeRotaryTable)();
    const auto& functions = std::get<RotaryFunctions<T>>(table);
    const auto turn = interleaved ? functions.interleaved : functions.halves;
    const float sign = inverse ? -1 : 1;
    ForRows(tokens * heads, head_dim, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const int64_t angle = positions[row / heads] * pairs;
        const T* const from = x + row * head_dim;
        T* const to = y + row * head_dim;
        turn(from, cosine + angle, sine + angle, sign, to, pairs);
        if (to != from) {
          std::copy(from + 2 * pairs, from + head_dim, to + 2 * pairs);
        }
      }
    });
  }
}

#define ARCHLAB_INSTANTIATE(T)                                               \
  template void RotaryForward(const T*, const Wide<T>*, const Wide<T>*,      \
                              const int32_t*, T*, int64_t, int64_t, int64_t, \
                              int64_t, bool, bool)
ARCHLAB_INSTANTIATE(double);
ARCHLAB_INSTANTIATE(float);
ARCHLAB_INSTANTIATE(BF16);
#undef ARCHLAB_INSTANTIATE

}  // namespace archlab
#endif  // HWY_ONCE
