// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Dropout: Philox blocks, a vector of them at a time.

#include <algorithm>
#include <cmath>
#include <tuple>
#include <type_traits>

#include "archlab/check.h"
#include "kernels/chunks.h"
#include "kernels/elementwise.h"
#include "kernels/philox.h"
#include "kernels/reference.h"
#include "kernels/targets.h"

#ifndef ARCHLAB_DROPOUT_TABLE_
#define ARCHLAB_DROPOUT_TABLE_
namespace archlab {

struct DropoutRule {
  PhiloxPlace random;
  uint32_t threshold;  // smaller words drop their element
  float scale;         // of what is kept
};
// Elements of which the first uses word `word` of the stream.
template <class T>
using DropoutFunction = void (*)(const DropoutRule& rule, uint64_t word,
                                 const T* x, T* y, int64_t n);
using DropoutTable = std::tuple<DropoutFunction<float>, DropoutFunction<BF16>>;

}  // namespace archlab
#endif  // ARCHLAB_DROPOUT_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/dropout.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/philox-inl.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

template <class T>
void DropoutLanes(const DropoutRule& rule, uint64_t word, const T* x, T* y,
                  int64_t n) {
  constexpr int64_t kMaxWords = 4 * HWY_MAX_BYTES / sizeof(uint32_t);
  HWY_ALIGN uint32_t words[kMaxWords];
  const int64_t words_per_call = 4 * hn::Lanes(Words());
  for (int64_t i = 0; i < n;) {
    const int64_t skip = (word + i) % 4;  // of the first block
    PhiloxLanes(rule.random, (word + i) / 4, words);
    const int64_t count = std::min(words_per_call - skip, n - i);
    ForLanes(count, [&](auto d, int64_t j) HWY_ATTR {
      const hn::RebindToUnsigned<decltype(d)> du;
      const auto limit = hn::Set(du, rule.threshold);
      const auto drawn = hn::LoadU(du, words + skip + j);
      const auto keep = hn::RebindMask(d, hn::Not(hn::Lt(drawn, limit)));
      const auto scaled = hn::Mul(LoadF(d, x + i + j), hn::Set(d, rule.scale));
      StoreF(d, hn::IfThenElseZero(keep, scaled), y + i + j);
    });
    i += count;
  }
}

DropoutTable MakeDropoutTable() {
  return {&DropoutLanes<float>, &DropoutLanes<BF16>};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeDropoutTable);

}  // namespace

template <class T>
void DropoutForward(const T* x, double p, const Random& random, T* y,
                    int64_t n) {
  ARCHLAB_CHECK(p >= 0 && p < 1) << "dropout probability " << p;
  if constexpr (std::is_same_v<T, double>) {
    reference::DropoutForward(x, p, random, y, n);
  } else {
    static const DropoutTable table = HWY_DYNAMIC_DISPATCH(MakeDropoutTable)();
    const double threshold = std::min(std::ceil(p * 0x1p32), 0x1p32 - 1);
    const DropoutRule rule = {{random.key(), random.place()},
                              uint32_t(threshold),
                              float(1 / (1 - p))};
    ForElements(n, [&](int64_t begin, int64_t end) {
      std::get<DropoutFunction<T>>(table)(rule, random.position() + begin,
                                          x + begin, y + begin, end - begin);
    });
  }
}

template void DropoutForward(const double*, double, const Random&, double*,
                             int64_t);
template void DropoutForward(const float*, double, const Random&, float*,
                             int64_t);
template void DropoutForward(const BF16*, double, const Random&, BF16*,
                             int64_t);

}  // namespace archlab
#endif  // HWY_ONCE
