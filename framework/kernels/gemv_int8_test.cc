// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/gemv_int8.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <limits>
#include <string>

#include "kernels/reference.h"
#include "kernels/test_data.h"

namespace archlab {
namespace {

// Against naive loops over the same 8-bit weights. x is rounded to 16 bits of
// its row's largest magnitude, so that a dot product is off by 2^-16 of it
// times the sum of |w| at most; storing the result rounds once more.
template <class T, class Y>
void TestProduct(int64_t m, int64_t n, int64_t k, bool with_bias) {
  const Data<float> w = Numbers<float>(n * k, 1), bias = Numbers<float>(n, 2);
  const Data<T> x = Numbers<T>(m * k, 3);
  const Int8Matrix weight(w.data(), n, k);
  std::vector<Y> y(m * n, FromDouble<Y>(99));
  std::vector<double> want(m * n);
  RunGemvInt8(x.data(), m, weight, with_bias ? bias.data() : nullptr, y.data());
  reference::RunGemvInt8(x.exact.data(), m, weight,
                         with_bias ? bias.exact.data() : nullptr, want.data());
  for (int64_t r = 0; r < m; ++r) {
    double largest = 0;
    for (int64_t i = 0; i < k; ++i)
      largest = std::max(largest, std::abs(x.exact[r * k + i]));
    for (int64_t j = 0; j < n; ++j) {
      double weights = 0;
      for (int64_t i = 0; i < k; ++i)
        weights += weight.scale(j) * std::abs(weight.row(j)[i]);
      const double bound = 1.01 * 0x1p-16 * largest * weights +
                           kRounding<Y> * std::abs(want[r * n + j]) +
                           0x1p-21 * largest * weights;
      EXPECT_NEAR(ToDouble(y[r * n + j]), want[r * n + j], bound)
          << m << " x " << n << " x " << k << " at " << r << ", " << j;
    }
  }
}

TEST(GemvInt8Test, MatchesReference) {
  for (const int64_t m : {0, 1, 2, 3, 4, 5, 8, 9, 32}) {
    for (const int64_t n : {1, 3, 33}) {
      for (const int64_t k : {1, 5, 63, 64, 65, 129, 1500}) {
        TestProduct<float, float>(m, n, k, true);
        TestProduct<float, BF16>(m, n, k, false);
        TestProduct<BF16, float>(m, n, k, false);
        TestProduct<BF16, BF16>(m, n, k, true);
      }
    }
  }
}

TEST(GemvInt8Test, LargestSumsDoNotOverflow) {
  constexpr int64_t kLong = 40000;
  const Data<float> ones = Filled<float>(kLong, 1);
  const Int8Matrix weight(ones.data(), 1, kLong);
  float y = 0;
  RunGemvInt8(ones.data(), 1, weight, nullptr, &y);
  EXPECT_NEAR(y, kLong, 1e-6 * kLong);
}

TEST(GemvInt8Test, SplitsOverThreadsWithoutATrace) {
  constexpr int64_t kN = 2000, kK = 300;  // more than one chunk
  const Data<float> w = Numbers<float>(kN * kK, 1), x = Numbers<float>(kK, 2);
  const Int8Matrix all(w.data(), kN, kK);
  std::vector<float> y(kN);
  const int threads = omp_get_max_threads();
  omp_set_num_threads(2);
  RunGemvInt8(x.data(), 1, all, nullptr, y.data());
  omp_set_num_threads(threads);
  for (int64_t j = 0; j < kN; ++j) {
    const Int8Matrix one(w.data() + j * kK, 1, kK);
    float alone = 0;
    RunGemvInt8(x.data(), 1, one, nullptr, &alone);
    ASSERT_EQ(y[j], alone) << j;
  }
}

TEST(Int8MatrixTest, RoundsToHalfAStepOfTheRow) {
  const Data<float> w = Numbers<float>(3 * 100, 1);
  const Int8Matrix weight(w.data(), 3, 100);
  std::vector<float> read(300);
  weight.Read(read.data());
  for (int64_t j = 0; j < 3; ++j) {
    double largest = 0;
    for (int64_t i = 0; i < 100; ++i)
      largest = std::max(largest, std::abs(w.exact[j * 100 + i]));
    EXPECT_NEAR(weight.scale(j), largest / 127, 1e-6);
    for (int64_t i = 0; i < 100; ++i)
      EXPECT_NEAR(read[j * 100 + i], w.exact[j * 100 + i],
                  0.5001 * largest / 127);
  }
  EXPECT_EQ(weight.bytes(), 3 * (100 + 4));
}

TEST(Int8MatrixTest, RowsOfZerosAndTinyRowsAreZero) {
  const std::vector<float> w = {0, 0, 1e-44f, -1e-44f, 2, 1};
  const Int8Matrix weight(w.data(), 3, 2);
  const std::vector<float> x = {1, 1};
  std::vector<float> y(3);
  RunGemvInt8(x.data(), 1, weight, nullptr, y.data());
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[1], 0);
  EXPECT_NEAR(y[2], 3, 0.01);
}

// A diverged model must not look sane.
TEST(GemvInt8Test, WhatIsNotFiniteGivesNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> one = {1, 1};
  for (const float bad : {nan, infinity, -infinity}) {
    for (const std::vector<float>& row :
         {std::vector<float>{bad, 1}, std::vector<float>{1, bad}}) {
      float y = 0;
      RunGemvInt8(row.data(), 1, Int8Matrix(one.data(), 1, 2), nullptr, &y);
      EXPECT_TRUE(std::isnan(y)) << bad << " in x";
      y = 0;
      RunGemvInt8(one.data(), 1, Int8Matrix(row.data(), 1, 2), nullptr, &y);
      EXPECT_TRUE(std::isnan(y)) << bad << " in the weight";
    }
  }
}

}  // namespace
}  // namespace archlab
