// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/flops.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <functional>
#include <vector>

#include "kernels/attention.h"
#include "kernels/kernels.h"
#include "kernels/onednn.h"
#include "kernels/test_data.h"

namespace archlab {
namespace {

// What `work` counts, on one thread and, the same, on two.
uint64_t Counted(const std::function<void()>& work) {
  uint64_t counts[2];
  for (int threads = 1; threads <= 2; ++threads) {
    omp_set_num_threads(threads);
    const uint64_t before = FlopsExecuted();
    work();
    counts[threads - 1] = FlopsExecuted() - before;
  }
  omp_set_num_threads(1);
  EXPECT_EQ(counts[0], counts[1]);
  return counts[0];
}

template <class T>
class FlopsTest : public testing::Test {};
using Types = testing::Types<float, BF16>;
TYPED_TEST_SUITE(FlopsTest, Types);

// One row to many: matrix-vector loops, sgemm and its tiles, primitives.
TYPED_TEST(FlopsTest, OfAProductAreTwiceItsMultiplications) {
  using T = TypeParam;
  for (const int64_t m : {1, 3, 9, 700})
    for (const int64_t n : {7, 32, 640}) {
      const int64_t k = 160;
      const Data<T> x = Numbers<T>(m * k, 1), weight = Numbers<T>(n * k, 2);
      const Data<float> bias = Numbers<float>(n, 3);
      std::vector<T> y(m * n);
      for (const float* b : {static_cast<const float*>(nullptr), bias.data()})
        EXPECT_EQ(Counted([&] {
                    LinearForward<T, T>(x.data(), weight.data(), b, y.data(), m,
                                        n, k);
                  }),
                  2 * m * n * k)
            << m << " " << n;
    }
}

TYPED_TEST(FlopsTest, OfABatchAreThoseOfAllItsProducts) {
  using T = TypeParam;
  const int64_t batch = 5, m = 16, n = 24, k = 40;
  const Data<T> a = Numbers<T>(batch * m * k, 1), b = Numbers<T>(n * k, 2);
  std::vector<T> c(batch * m * n);
  MatMulShape shape;
  shape.m = m;
  shape.n = n;
  shape.k = k;
  EXPECT_EQ(Counted([&] {
              BatchedMatMulForward<T, T, T>(shape, batch, 1, a.data(), m * k,
                                            b.data(), 0, 0, c.data(), m * n);
            }),
            2 * batch * m * n * k);
}

// A causal mask leaves out tiles of 64 by 64 above the diagonal; those on it
// are computed whole.
TEST(AttentionFlops, AreThoseOfTheTilesThatWereComputed) {
  constexpr int64_t kBatch = 2, kTokens = 130, kHeads = 4, kDim = 24;
  constexpr int64_t kPairs = 64 * 64 + 64 * 128 + 2 * 130;
  AttentionPattern pattern;
  pattern.causal = true;
  const AttentionMask mask(pattern, kBatch, kTokens, kTokens);
  constexpr int64_t kSize = kBatch * kTokens * kHeads * kDim;
  const Data<float> q = Numbers<float>(kSize, 1), k = Numbers<float>(kSize, 2);
  AttentionArgs<float> args;
  args.heads = kHeads;
  args.kv_heads = 2;
  args.dim = kDim;
  args.q = q.data();
  args.k = args.v = k.data();
  args.mask = &mask;
  std::vector<float> out(kSize), lse(kBatch * kHeads * kTokens);
  std::vector<float> dq(kSize), dk(kSize), dv(kSize);
  const int64_t product = 2 * kBatch * kHeads * kPairs * kDim;
  EXPECT_EQ(Counted([&] { AttentionForward(args, out.data(), lse.data()); }),
            2 * product);
  // The scores again, and the gradients of probabilities, q, k and v.
  EXPECT_EQ(Counted([&] {
              AttentionBackward(args, out.data(), lse.data(), q.data(),
                                dq.data(), dk.data(), dv.data(), nullptr);
            }),
            5 * product);
}

// Where bf16 is multiplied as bf16, whole tiles are computed.
TEST(AttentionFlops, OfBf16AreThoseOfWholeTilesWhereItIsFast) {
  constexpr int64_t kTokens = 70, kDim = 32;
  const AttentionMask mask(AttentionPattern(), 1, kTokens, kTokens);
  const Data<BF16> q = Numbers<BF16>(kTokens * kDim, 1);
  AttentionArgs<BF16> args;
  args.dim = kDim;
  args.q = args.k = args.v = q.data();
  args.mask = &mask;
  std::vector<BF16> out(kTokens * kDim);
  std::vector<float> lse(kTokens);
  const int64_t side = HasFastBf16() ? 128 : kTokens;
  EXPECT_EQ(Counted([&] { AttentionForward(args, out.data(), lse.data()); }),
            2 * 2 * side * side * kDim);
}

TEST(AttentionFlops, OfOneQueryAreThoseOfTheTilesThatItSees) {
  constexpr int64_t kKeys = 100, kHeads = 3, kDim = 8;
  const AttentionMask mask(AttentionPattern(), 1, 1, kKeys);
  const Data<float> q = Numbers<float>(kHeads * kDim, 1);
  const Data<float> k = Numbers<float>(kKeys * kHeads * kDim, 2);
  AttentionArgs<float> args;
  args.heads = args.kv_heads = kHeads;
  args.dim = kDim;
  args.q = q.data();
  args.k = args.v = k.data();
  args.mask = &mask;
  std::vector<float> out(kHeads * kDim);
  EXPECT_EQ(Counted([&] { AttentionDecode<float>(args, out.data()); }),
            2 * 2 * kHeads * kKeys * kDim);
}

}  // namespace
}  // namespace archlab
