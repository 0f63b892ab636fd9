// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Matrix products against the reference, and the rules for oneDNN.

#include "kernels/matmul.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "kernels/isa.h"
#include "kernels/onednn.h"
#include "kernels/reference.h"
#include "kernels/test_data.h"

namespace archlab {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Describe(const MatMulShape& s) {
  return std::to_string(s.m) + " x " + std::to_string(s.n) + " x " +
         std::to_string(s.k) + (s.transpose_a ? " a^T" : "") +
         (s.transpose_b ? " b^T" : "");
}

// All transposes, dense and with space between rows.
template <class T, class C>
void TestMatMul(int64_t m, int64_t n, int64_t k, double beta) {
  for (int form = 0; form < 8; ++form) {
    MatMulShape s = {m, n, k, bool(form & 1), bool(form & 2)};
    const int64_t gap = form & 4 ? 3 : 0;
    const int64_t lda = (s.transpose_a ? m : k) + gap;
    const int64_t ldb = (s.transpose_b ? k : n) + gap;
    const int64_t ldc = n + gap;
    if (gap != 0) s.lda = lda, s.ldb = ldb, s.ldc = ldc;
    const Data<T> a = Numbers<T>((s.transpose_a ? k : m) * lda, 1);
    const Data<T> b = Numbers<T>((s.transpose_b ? n : k) * ldb, 2);
    Data<C> c = Numbers<C>(m * ldc, 3);
    std::vector<double> want = c.exact;
    MatMulForward(s, 0.5, a.data(), b.data(), beta, c.data());
    reference::MatMulForward(s, 0.5, a.exact.data(), b.exact.data(), beta,
                             want.data());
    // The space between rows stays as it was.
    ExpectNear(c.values, want, 2 * std::sqrt(k), 16, Describe(s));
  }
}

TEST(MatMulTest, MatchesReference) {
  for (const int64_t m : {1, 3, 9, 33}) {
    for (const int64_t n : {1, 17, 64}) {
      for (const int64_t k : {0, 1, 7, 129}) {
        for (const double beta : {0.0, 1.0, 0.5}) {
          TestMatMul<float, float>(m, n, k, beta);
          TestMatMul<BF16, BF16>(m, n, k, beta);
          TestMatMul<BF16, float>(m, n, k, beta);
        }
      }
    }
  }
}

// Products of several tiles, in rows, in columns and in both.
TEST(MatMulTest, TilesMatchReference) {
  TestMatMul<float, float>(401, 67, 150, 1);
  TestMatMul<float, float>(63, 409, 200, 0);
  TestMatMul<float, float>(97, 130, 900, 0.5);
  TestMatMul<float, float>(8, 256, 2048, 0);
}

TEST(MatMulTest, BetaZeroDoesNotReadTheOutput) {
  const Data<float> a = Filled<float>(40, 1), b = Filled<float>(40, 1);
  for (const int64_t m : {1, 10}) {
    for (const int64_t k : {0, 4}) {
      std::vector<float> c(m * 10, NAN);
      MatMulForward({m, 10, k}, 1, a.data(), b.data(), 0, c.data());
      for (const float value : c) EXPECT_EQ(value, k);
    }
  }
}

struct BatchCase {
  int64_t batch, stride_a, stride_b;  // 1: own matrices, 0: one for all
};

TEST(MatMulTest, BatchesMatchReference) {
  constexpr int64_t kM = 5, kN = 6, kK = 7;
  for (const auto& [batch, own_a, own_b] :
       {BatchCase{1, 1, 1}, BatchCase{3, 1, 1}, BatchCase{9, 1, 1},
        BatchCase{9, 0, 1}, BatchCase{9, 1, 0}, BatchCase{3, 1, 0}}) {
    for (const bool transpose_a : {false, true}) {
      const MatMulShape s = {kM, kN, kK, transpose_a, false};
      const Data<float> a = Numbers<float>(batch * kM * kK, 1);
      const Data<float> b = Numbers<float>(batch * kK * kN, 2);
      Data<float> c = Filled<float>(batch * kM * kN, 99);
      BatchedMatMulForward(s, batch, 1, a.data(), own_a * kM * kK, b.data(),
                           own_b * kK * kN, 0, c.data(), kM * kN);
      std::vector<double> want(batch * kM * kN);
      for (int64_t i = 0; i < batch; ++i) {
        reference::MatMulForward(s, 1, a.exact.data() + i * own_a * kM * kK,
                                 b.exact.data() + i * own_b * kK * kN, 0,
                                 want.data() + i * kM * kN);
      }
      ExpectNear(c.values, want, 4, 8, Describe(s));
    }
  }
}

template <class T, class Y>
void TestLinear() {
  for (const int64_t m : {0, 1, 3, 4, 5, 8, 9, 40}) {
    for (const int64_t n : {1, 32, 33}) {
      for (const int64_t k : {5, 64, 129}) {
        const Data<T> x = Numbers<T>(m * k, 1), w = Numbers<T>(n * k, 2);
        const Data<float> bias = Numbers<float>(n, 3);
        for (const bool with_bias : {false, true}) {
          Data<Y> y = Filled<Y>(m * n, 99);
          std::vector<double> want(m * n);
          LinearForward(x.data(), w.data(), with_bias ? bias.data() : nullptr,
                        y.data(), m, n, k);
          reference::LinearForward(x.exact.data(), w.exact.data(),
                                   with_bias ? bias.exact.data() : nullptr,
                                   want.data(), m, n, k);
          ExpectNear(y.values, want, 2 * std::sqrt(k), 16,
                     Describe({m, n, k, false, true}));
        }
      }
    }
  }
}

TEST(LinearTest, MatchesReference) {
  TestLinear<float, float>();
  TestLinear<BF16, BF16>();
  TestLinear<BF16, float>();
}

// The primitives are tested wherever the CPU has bf16 instructions at all.
TEST(Bf16ProductTest, MatchesReferenceWithoutNaiveImplementation) {
  int ran = 0;
  for (const int64_t m : {1, 17, 64}) {
    for (const int64_t n : {32, 96}) {
      for (const int64_t k : {32, 160}) {
        for (int form = 0; form < 32; ++form) {
          MatMulShape s = {m, n, k, bool(form & 1), bool(form & 2)};
          s.lda = s.transpose_a ? m : k;
          s.ldb = s.transpose_b ? k : n;
          s.ldc = n;
          const bool accumulate = form & 8, with_bias = form & 16;
          const Bf16Product product = {s, form & 4 ? DType::kF32 : DType::kBF16,
                                       accumulate, with_bias};
          ASSERT_TRUE(CanRunBf16Product(product));
          EXPECT_THAT(Bf16ProductImplementation(product),
                      Not(HasSubstr(HasAmx() ? "avx512_core_bf16" : "ref")));
          const Data<BF16> a = Numbers<BF16>(m * k, 1),
                           b = Numbers<BF16>(k * n, 2);
          const Data<float> bias = Numbers<float>(n, 3);
          Data<float> wide = Numbers<float>(m * n, 4);
          Data<BF16> narrow = Numbers<BF16>(m * n, 4);
          const bool f32 = product.c_dtype == DType::kF32;
          std::vector<double> want = f32 ? wide.exact : narrow.exact;
          void* const c = f32 ? static_cast<void*>(wide.data()) : narrow.data();
          if (!RunBf16Product(product, a.data(), b.data(), bias.data(), c)) {
            continue;
          }
          ++ran;
          reference::MatMulForward(s, 1, a.exact.data(), b.exact.data(),
                                   accumulate ? 1 : 0, want.data());
          for (int64_t i = 0; with_bias && i < m * n; ++i) {
            want[i] += bias.exact[i % n];
          }
          if (f32)
            ExpectNear(wide.values, want, std::sqrt(k), 16, Describe(s));
          else
            ExpectNear(narrow.values, want, std::sqrt(k), 16, Describe(s));
        }
      }
    }
  }
  if (ran == 0) GTEST_SKIP() << "no bf16 instructions on this CPU";
}

TEST(Bf16ProductTest, RefusesShapesThatTrap) {
  MatMulShape s = {65, 64, 64, false, true, 64, 64, 64};
  EXPECT_TRUE(CanRunBf16Product({s}));
  s.k = s.lda = s.ldb = 63;
  EXPECT_FALSE(CanRunBf16Product({s}));
  s = {65, 63, 64, false, true, 64, 64, 63};
  EXPECT_FALSE(CanRunBf16Product({s}));
  s = {65, 64, 64, false, true, 72, 64, 64};  // not dense
  EXPECT_FALSE(CanRunBf16Product({s}));
}

TEST(IsaTest, IsNamed) {
  EXPECT_THAT(IsaName(), testing::ContainsRegex("^[A-Z0-9]+ [a-z]"));
  EXPECT_THAT(LibraryVersions(),
              testing::ContainsRegex("^oneDNN [0-9]\\.[0-9]"));
}

}  // namespace
}  // namespace archlab
