// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The bytes of every kernel's result are the same on one and on two threads.

#include <gtest/gtest.h>
#include <omp.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/test_data.h"

namespace archlab {
namespace {

constexpr int64_t kRows = 1001, kWidth = 130, kSize = kRows * kWidth;

// `kernel` writes kSize elements of T or fewer.
template <class T>
void ExpectSteady(const std::string& what,
                  const std::function<void(T* out)>& kernel) {
  std::vector<T> one(kSize), two(kSize);
  omp_set_num_threads(1);
  kernel(one.data());
  omp_set_num_threads(2);
  kernel(two.data());
  omp_set_num_threads(1);
  EXPECT_EQ(std::memcmp(one.data(), two.data(), kSize * sizeof(T)), 0) << what;
}

template <class T>
class ThreadsTest : public testing::Test {};
using Types = testing::Types<float, BF16>;
TYPED_TEST_SUITE(ThreadsTest, Types);

TYPED_TEST(ThreadsTest, ElementwiseIsSteady) {
  using T = TypeParam;
  const Data<T> x = Numbers<T>(kSize, 1), z = Numbers<T>(kSize, 2);
  ExpectSteady<T>("unary", [&](T* out) {
    UnaryForward(UnaryOp::kGeluTanh, x.data(), out, kSize);
  });
  ExpectSteady<T>("binary", [&](T* out) {
    BinaryForward(BinaryOp::kMul, x.data(), {kRows, kWidth}, z.data(), {kWidth},
                  out, {kRows, kWidth});
  });
  ExpectSteady<T>("gated", [&](T* out) {
    GatedForward(Gate::kSilu, x.data(), z.data(), out, kSize);
  });
  ExpectSteady<T>("dropout", [&](T* out) {
    DropoutForward(x.data(), 0.5, Random(1, 1, 1), out, kSize);
  });
}

TYPED_TEST(ThreadsTest, ReductionsAreSteady) {
  using T = TypeParam;
  const Data<T> x = Numbers<T>(kSize, 1), dy = Numbers<T>(kSize, 2);
  const Data<float> gain = Numbers<float>(kWidth, 3);
  const Data<float> mean = Numbers<float>(kRows, 4),
                    rstd = Numbers<float>(kRows, 5);
  ExpectSteady<T>("sum of columns",
                  [&](T* out) { SumAxis(x.data(), out, 1, kRows, kWidth); });
  ExpectSteady<T>(
      "softmax", [&](T* out) { SoftmaxForward(x.data(), out, kRows, kWidth); });
  ExpectSteady<float>("norm gradient", [&](float* out) {
    std::vector<T> dx(kSize);
    LayerNormBackward(x.data(), gain.data(), mean.data(), rstd.data(),
                      dy.data(), dx.data(), out, out + kWidth, kRows, kWidth);
  });
  ExpectSteady<double>("norm and sum", [&](double* out) {
    out[0] = SquaredNorm(x.data(), kSize);
    out[1] = SumAll(x.data(), kSize);
  });
  std::vector<int32_t> ids(kRows);
  for (int64_t i = 0; i < kRows; ++i) ids[i] = int32_t(i * i % 17);
  ExpectSteady<T>("scatter", [&](T* out) {
    std::memset(out, 0, kSize * sizeof(T));
    GatherRowsBackward(x.data(), ids.data(), out, kRows, 17, kWidth);
  });
  const std::vector<float> weights(kRows, 1.5f);
  ExpectSteady<T>("loss", [&](T* out) {
    CrossEntropyRows(x.data(), ids.data(), weights.data(), 0.1, out, kRows,
                     kWidth, kWidth);
  });
}

// Shapes of training: forward, data gradient, weight gradient; and few rows
// with a long inner dimension, which libraries like to split.
TYPED_TEST(ThreadsTest, ProductsAreSteady) {
  using T = TypeParam;
  struct Case {
    int64_t m, n, k;
  };
  const Data<T> a = Numbers<T>(500000, 1), b = Numbers<T>(1600000, 2);
  for (const auto& [m, n, k] :
       {Case{300, 96, 64}, Case{64, 64, 2000}, Case{8, 16, 4000},
        Case{5, 64, 8000}, Case{1, 64, 8000}, Case{16, 100, 1001},
        Case{96, 384, 4096}, Case{500, 200, 1000}, Case{33, 7, 3000}}) {
    for (int form = 0; form < 4; ++form) {
      const MatMulShape s = {m, n, k, bool(form & 1), bool(form & 2)};
      ExpectSteady<T>(
          std::to_string(m) + " x " + std::to_string(n) + " x " +
              std::to_string(k) + " form " + std::to_string(form),
          [&](T* out) { MatMulForward(s, 1, a.data(), b.data(), 0, out); });
    }
  }
}

}  // namespace
}  // namespace archlab
