// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Philox blocks (see base/random.cc), a vector of them at a time.

#include <algorithm>

#include "archlab/random.h"
#include "kernels/philox.h"
#include "kernels/simd-inl.h"

#if defined(ARCHLAB_PHILOX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ARCHLAB_PHILOX_INL_H_
#undef ARCHLAB_PHILOX_INL_H_
#else
#define ARCHLAB_PHILOX_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

using Words = hn::ScalableTag<uint32_t>;

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void PhiloxLanes(const PhiloxPlace& at, uint64_t block,
                            uint32_t* out) {
  const auto words = Philox({uint32_t(block), uint32_t(block >> 32),
                             uint32_t(at.place), uint32_t(at.place >> 32)},
                            {uint32_t(at.key), uint32_t(at.key >> 32)});
  std::copy(words.begin(), words.end(), out);
}
#else
struct Product {
  hn::Vec<Words> high, low;
};

// 32 by 32 to 64 bits in every lane.
HWY_INLINE Product Multiply(hn::Vec<Words> a, hn::Vec<Words> b) {
  const Words d;
  const hn::RepartitionToWide<Words> wide;
  const auto even = hn::MulEven(a, b);
  const auto odd =
      hn::MulEven(a, hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, b))));
  return {hn::OddEven(hn::BitCast(d, odd),
                      hn::BitCast(d, hn::ShiftRight<32>(even))),
          hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)),
                      hn::BitCast(d, even))};
}

// The words of consecutive blocks, as many as a vector has lanes; `out` gets
// four words for each.
HWY_INLINE void PhiloxLanes(const PhiloxPlace& at, uint64_t block,
                            uint32_t* out) {
  const Words d;
  const auto low = hn::Add(hn::Set(d, uint32_t(block)), hn::Iota(d, 0));
  // The lower half of the block's index wrapped around where it is smaller.
  const auto wrapped = hn::Lt(low, hn::Set(d, uint32_t(block)));
  auto c0 = low;
  auto c1 = hn::Add(hn::Set(d, uint32_t(block >> 32)),
                    hn::IfThenElseZero(wrapped, hn::Set(d, 1u)));
  auto c2 = hn::Set(d, uint32_t(at.place));
  auto c3 = hn::Set(d, uint32_t(at.place >> 32));
  auto k0 = hn::Set(d, uint32_t(at.key));
  auto k1 = hn::Set(d, uint32_t(at.key >> 32));
  for (int round = 0; round < 10; ++round) {
    const Product a = Multiply(hn::Set(d, 0xD2511F53u), c0);
    const Product b = Multiply(hn::Set(d, 0xCD9E8D57u), c2);
    c0 = hn::Xor(hn::Xor(b.high, c1), k0);
    c1 = b.low;
    c2 = hn::Xor(hn::Xor(a.high, c3), k1);
    c3 = a.low;
    k0 = hn::Add(k0, hn::Set(d, 0x9E3779B9u));
    k1 = hn::Add(k1, hn::Set(d, 0xBB67AE85u));
  }
  hn::StoreInterleaved4(c0, c1, c2, c3, d, out);
}
#endif  // HWY_TARGET

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#endif  // include guard, once a target
