// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Normal numbers, a vector of Philox blocks at a time.

#include <algorithm>

#include "archlab/check.h"
#include "kernels/chunks.h"
#include "kernels/elementwise.h"
#include "kernels/philox.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/normals.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/math-inl.h"
#include "kernels/philox-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

// 64 random bits to [0, 1), 53 bits.
template <class D, class V>
HWY_INLINE hn::Vec<D> ToUniform(D d, V bits) {
  const hn::RebindToSigned<D> di;
  return hn::Mul(hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<11>(bits))),
                 hn::Set(d, 0x1p-53));
}

// Box-Muller as Random::Normal does it, one number a block from `block` on.
void Normals(const PhiloxPlace& at, uint64_t block, double scale, float* y,
             int64_t n) {
  const hn::ScalableTag<double> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::Rebind<float, decltype(d)> df;
  constexpr int64_t kMaxBlocks = HWY_MAX_BYTES / sizeof(uint32_t);
  HWY_ALIGN uint64_t bits[2 * kMaxBlocks];
  HWY_ALIGN float values[kMaxBlocks];
  const int64_t blocks = hn::Lanes(Words()), lanes = hn::Lanes(d);
  for (int64_t i = 0; i < n; i += blocks) {
    // The lower word of a number is the first: both machines that there are
    // have that order in memory.
    PhiloxLanes(at, block + i, reinterpret_cast<uint32_t*>(bits));
    for (int64_t j = 0; j < blocks; j += lanes) {
      hn::Vec<decltype(du)> first, second;
      hn::LoadInterleaved2(du, bits + 2 * j, first, second);
      const auto radius = hn::Sqrt(
          hn::Mul(hn::Set(d, -2), hn::Log1p(d, hn::Neg(ToUniform(d, first)))));
      const auto angle =
          hn::Mul(hn::Set(d, 6.283185307179586), ToUniform(d, second));
      const auto normal = hn::Mul(radius, hn::Cos(d, angle));
      hn::StoreU(hn::DemoteTo(df, hn::Mul(hn::Set(d, scale), normal)), df,
                 values + j);
    }
    std::copy_n(values, std::min(blocks, n - i), y + i);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(Normals);

}  // namespace

void NormalNumbers(const Random& random, double scale, float* y, int64_t n) {
  constexpr uint64_t kWords = 4;  // of a block
  ARCHLAB_CHECK_EQ(random.position() % kWords, 0u);
  const PhiloxPlace at = {random.key(), random.place()};
  const uint64_t block = random.position() / kWords;
  ForElements(n, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(Normals)
    (at, block + begin, scale, y + begin, end - begin);
  });
}

}  // namespace archlab
#endif  // HWY_ONCE
