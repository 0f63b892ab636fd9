// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reductions, softmax, norms, gathering, rotary and loss against the reference.

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/reference.h"
#include "kernels/test_data.h"

namespace archlab {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class T>
class RowsTest : public testing::Test {};
using Types = testing::Types<float, BF16>;
TYPED_TEST_SUITE(RowsTest, Types);

struct AxisCase {
  int64_t outer, n, inner;
};
constexpr AxisCase kAxisCases[] = {
    {1, 1, 1},    {1, 5, 17},   {3, 17, 1},    {2, 3, 65},     {4, 127, 7},
    {1, 1000, 3}, {1, 700, 63}, {2, 40000, 1}, {1, 3000, 384}, {1, 0, 5},
};

TYPED_TEST(RowsTest, SumsMatchReference) {
  using T = TypeParam;
  for (const auto& [outer, n, inner] : kAxisCases) {
    const Data<T> x = Numbers<T>(outer * n * inner, 1);
    Data<T> y = Filled<T>(outer * inner, 99);
    Data<float> wide = Filled<float>(outer * inner, 99);
    SumAxis(x.data(), y.data(), outer, n, inner, 0.5);
    SumAxis(x.data(), wide.data(), outer, n, inner, 0.5);
    std::vector<double> want(outer * inner);
    reference::SumAxis(x.exact.data(), want.data(), outer, n, inner, 0.5);
    const std::string what = std::to_string(n) + " by " + std::to_string(inner);
    ExpectNear(y.values, want, std::sqrt(n), 8, what);
    ExpectNear(wide.values, want, std::sqrt(n), 8, what);
  }
}

TYPED_TEST(RowsTest, MaximaMatchReference) {
  using T = TypeParam;
  for (const auto& [outer, n, inner] : kAxisCases) {
    if (n == 0) continue;
    Data<T> x = Numbers<T>(outer * n * inner, 1);
    // BF16 numbers repeat, so the first maximum matters; and a NaN wins.
    if (n == 127) x.values[5 * inner] = FromDouble<T>(x.exact[5 * inner] = NAN);
    Data<T> y = Filled<T>(outer * inner, 99);
    std::vector<int32_t> index(outer * inner, -1), want_index(index);
    MaxAxis(x.data(), y.data(), index.data(), outer, n, inner);
    std::vector<double> want(outer * inner);
    reference::MaxAxis(x.exact.data(), want.data(), want_index.data(), outer, n,
                       inner);
    ExpectNear(y.values, want, 0, 0, "max");
    EXPECT_EQ(index, want_index);
  }
}

TYPED_TEST(RowsTest, WholeSumsMatchReference) {
  using T = TypeParam;
  for (const int64_t n : {0, 1, 17, 511, 513, 70001}) {
    const Data<T> x = Numbers<T>(n, 1);
    EXPECT_NEAR(SumAll(x.data(), n), reference::SumAll(x.exact.data(), n),
                1e-6 * std::sqrt(n + 1));
    EXPECT_NEAR(SquaredNorm(x.data(), n),
                reference::SquaredNorm(x.exact.data(), n), 1e-6 * n);
  }
}

TYPED_TEST(RowsTest, FindsWhatIsNotFinite) {
  using T = TypeParam;
  for (const int64_t n : {1, 17, 64, 70001}) {
    for (const int64_t at : {int64_t{0}, n / 2, n - 1}) {
      Data<T> x = Numbers<T>(n, 1);
      EXPECT_TRUE(AllFinite(x.data(), n));
      for (const double bad : {kInfinity, -kInfinity, double(NAN)}) {
        x.values[at] = FromDouble<T>(bad);
        EXPECT_FALSE(AllFinite(x.data(), n)) << n << " " << at << " " << bad;
      }
    }
  }
}

TYPED_TEST(RowsTest, SoftmaxMatchesReference) {
  using T = TypeParam;
  constexpr int64_t kRows = 5;
  for (const int64_t n : kLengths) {
    Data<T> x = Numbers<T>(kRows * n, 1, 4);
    for (int64_t i = 0; i < n; ++i) {
      // A row of only -inf, and one with some.
      x.values[i] = FromDouble<T>(x.exact[i] = -kInfinity);
      if (i % 2) x.values[n + i] = FromDouble<T>(x.exact[n + i] = -kInfinity);
    }
    const Data<T> dy = Numbers<T>(kRows * n, 2);
    Data<T> y = Filled<T>(kRows * n, 99), dx = y;
    std::vector<double> want(kRows * n), want_dx(kRows * n);
    SoftmaxForward(x.data(), y.data(), kRows, n);
    reference::SoftmaxForward(x.exact.data(), want.data(), kRows, n);
    ExpectNear(y.values, want, 0.1, 16, "softmax");
    for (int64_t i = 0; i < kRows * n; ++i) y.exact[i] = ToDouble(y.values[i]);
    SoftmaxBackward(y.data(), dy.data(), dx.data(), kRows, n);
    reference::SoftmaxBackward(y.exact.data(), dy.exact.data(), want_dx.data(),
                               kRows, n);
    ExpectNear(dx.values, want_dx, 4, 8, "softmax gradient");

    LogSoftmaxForward(x.data(), y.data(), kRows, n);
    reference::LogSoftmaxForward(x.exact.data(), want.data(), kRows, n);
    ExpectNear(y.values, want, 8, 4, "log softmax");
    for (int64_t i = 0; i < kRows * n; ++i) y.exact[i] = ToDouble(y.values[i]);
    LogSoftmaxBackward(y.data(), dy.data(), dx.data(), kRows, n);
    reference::LogSoftmaxBackward(y.exact.data(), dy.exact.data(),
                                  want_dx.data(), kRows, n);
    ExpectNear(dx.values, want_dx, 4 * std::sqrt(n), 8, "log softmax gradient");
  }
}

TYPED_TEST(RowsTest, NormsMatchReference) {
  using T = TypeParam;
  for (const int64_t rows : {1, 3, 300}) {
    for (const int64_t n : kLengths) {
      const int64_t size = rows * n;
      const Data<T> x = Numbers<T>(size, 1, 2), dy = Numbers<T>(size, 2);
      const Data<float> gain = Numbers<float>(n, 3),
                        bias = Numbers<float>(n, 4);
      Data<T> y = Filled<T>(size, 99), dx = y;
      Data<float> mean = Filled<float>(rows, 99), rstd = mean;
      Data<float> dgain = Filled<float>(n, 99), dbias = dgain;
      std::vector<double> want(size), want_mean(rows), want_rstd(rows),
          want_dx(size), want_dgain(n), want_dbias(n);
      const double eps = 0.01, sums = 4 * std::sqrt(rows);
      const std::string what = std::to_string(rows) + " x " + std::to_string(n);

      LayerNormForward(x.data(), gain.data(), bias.data(), eps, y.data(),
                       mean.data(), rstd.data(), rows, n);
      reference::LayerNormForward(x.exact.data(), gain.exact.data(),
                                  bias.exact.data(), eps, want.data(),
                                  want_mean.data(), want_rstd.data(), rows, n);
      // With one or two columns x - mean cancels, and rstd is up to 10.
      ExpectNear(y.values, want, 8, n < 8 ? 200 : 16, "layer norm " + what);
      ExpectNear(mean.values, want_mean, 2, 8, "mean " + what);
      ExpectNear(rstd.values, want_rstd, 1, 100, "rstd " + what);
      LayerNormBackward(x.data(), gain.data(), mean.data(), rstd.data(),
                        dy.data(), dx.data(), dgain.data(), dbias.data(), rows,
                        n);
      reference::LayerNormBackward(
          x.exact.data(), gain.exact.data(), want_mean.data(), want_rstd.data(),
          dy.exact.data(), want_dx.data(), want_dgain.data(), want_dbias.data(),
          rows, n);
      ExpectNear(dx.values, want_dx, 8, n < 8 ? 1000 : 32, "dx " + what);
      ExpectNear(dgain.values, want_dgain, sums, n < 8 ? 200 : 16,
                 "dgain " + what);
      ExpectNear(dbias.values, want_dbias, sums, 8, "dbias " + what);

      RmsNormForward(x.data(), gain.data(), eps, y.data(), rstd.data(), rows,
                     n);
      reference::RmsNormForward(x.exact.data(), gain.exact.data(), eps,
                                want.data(), want_rstd.data(), rows, n);
      ExpectNear(y.values, want, 1, 16, "rms norm " + what);
      RmsNormBackward(x.data(), gain.data(), rstd.data(), dy.data(), dx.data(),
                      dgain.data(), rows, n);
      reference::RmsNormBackward(x.exact.data(), gain.exact.data(),
                                 want_rstd.data(), dy.exact.data(),
                                 want_dx.data(), want_dgain.data(), rows, n);
      ExpectNear(dx.values, want_dx, 8, n < 8 ? 1000 : 32, "rms dx " + what);
      ExpectNear(dgain.values, want_dgain, sums, 16, "rms dgain " + what);
    }
  }
}

TEST(NormTest, PartsMayBeLeftOut) {
  constexpr int64_t kRows = 3, kN = 20;
  const Data<float> x = Numbers<float>(kRows * kN, 1);
  const Data<float> dy = Numbers<float>(kRows * kN, 2);
  Data<float> y = Filled<float>(kRows * kN, 99), mean = y, rstd = y, dx = dy;
  const float* const none = nullptr;
  float* const no_output = nullptr;
  std::vector<double> want(kRows * kN), want_mean(kRows), want_rstd(kRows);
  reference::LayerNormForward(x.exact.data(), nullptr, nullptr, 1e-5,
                              want.data(), want_mean.data(), want_rstd.data(),
                              kRows, kN);
  LayerNormForward(x.data(), none, none, 1e-5, y.data(), no_output, no_output,
                   kRows, kN);
  ExpectNear(y.values, want, 4, 8, "no gain, no statistics");
  LayerNormForward(x.data(), none, none, 1e-5, y.data(), mean.data(),
                   rstd.data(), kRows, kN);
  // dx over dy.
  LayerNormBackward(x.data(), none, mean.data(), rstd.data(), dx.data(),
                    dx.data(), no_output, no_output, kRows, kN);
  reference::LayerNormBackward(x.exact.data(), nullptr, want_mean.data(),
                               want_rstd.data(), dy.exact.data(), want.data(),
                               nullptr, nullptr, kRows, kN);
  ExpectNear(dx.values, want, 4, 16, "dx in place");
}

TYPED_TEST(RowsTest, GatheringMatchesReference) {
  using T = TypeParam;
  constexpr int64_t kTable = 11;
  for (const int64_t width : {1, 7, 64, 129}) {
    for (const int64_t n : {1, 5, 600}) {
      const Data<T> table = Numbers<T>(kTable * width, 1);
      Random random(3, n, width);
      std::vector<int32_t> ids(n);
      for (int32_t& id : ids) id = int32_t(random.Below(kTable));
      Data<T> y = Filled<T>(n * width, 99);
      std::vector<double> want(n * width);
      GatherRowsForward(table.data(), ids.data(), y.data(), n, kTable, width);
      reference::GatherRowsForward(table.exact.data(), ids.data(), want.data(),
                                   n, kTable, width);
      ExpectNear(y.values, want, 0, 0, "gather");

      Data<T> sums = Numbers<T>(kTable * width, 2);
      Data<float> wide = Numbers<float>(kTable * width, 2);
      std::vector<double> want_sums = sums.exact, want_wide = wide.exact;
      GatherRowsBackward(y.data(), ids.data(), sums.data(), n, kTable, width);
      GatherRowsBackward(y.data(), ids.data(), wide.data(), n, kTable, width);
      reference::GatherRowsBackward(want.data(), ids.data(), want_sums.data(),
                                    n, kTable, width);
      reference::GatherRowsBackward(want.data(), ids.data(), want_wide.data(),
                                    n, kTable, width);
      ExpectNear(sums.values, want_sums, 4 * n, 2, "scatter");
      ExpectNear(wide.values, want_wide, 4 * n, 2, "scatter to float");
    }
  }
}

TEST(GatherDeathTest, RefusesIdsOutsideTheTable) {
  const std::vector<float> table(6);
  std::vector<float> y(3);
  const int32_t id = 2;
  EXPECT_DEATH(GatherRowsForward(table.data(), &id, y.data(), 1, 2, 3),
               "index 2 at 0, but there are 2 rows");
}

TYPED_TEST(RowsTest, RotaryMatchesReferenceAndTurnsBack) {
  using T = TypeParam;
  constexpr int64_t kTokens = 6, kHeads = 3, kPositions = 9;
  for (const int64_t pairs : {1, 4, 17, 32, 70}) {
    for (const int64_t passed : {0, 5}) {
      for (const bool interleaved : {false, true}) {
        const int64_t head_dim = 2 * pairs + passed;
        const int64_t size = kTokens * kHeads * head_dim;
        const Data<T> x = Numbers<T>(size, 1);
        Data<Wide<T>> cosine = Numbers<Wide<T>>(kPositions * pairs, 2);
        Data<Wide<T>> sine = cosine;
        for (size_t i = 0; i < cosine.values.size(); ++i) {
          sine.values[i] = Wide<T>(std::sin(cosine.exact[i]));
          cosine.values[i] = Wide<T>(std::cos(cosine.exact[i]));
          sine.exact[i] = sine.values[i];
          cosine.exact[i] = cosine.values[i];
        }
        const std::vector<int32_t> positions = {0, 8, 3, 3, 1, 7};
        for (const bool inverse : {false, true}) {
          Data<T> y = Filled<T>(size, 99);
          std::vector<double> want(size);
          RotaryForward(x.data(), cosine.data(), sine.data(), positions.data(),
                        y.data(), kTokens, kHeads, head_dim, pairs, interleaved,
                        inverse);
          reference::RotaryForward(x.exact.data(), cosine.exact.data(),
                                   sine.exact.data(), positions.data(),
                                   want.data(), kTokens, kHeads, head_dim,
                                   pairs, interleaved, inverse);
          ExpectNear(y.values, want, 4, 2, "rotary");
          // In place, the other way: x again.
          RotaryForward(y.data(), cosine.data(), sine.data(), positions.data(),
                        y.data(), kTokens, kHeads, head_dim, pairs, interleaved,
                        !inverse);
          ExpectNear(y.values, x.exact, 4, std::is_same_v<T, BF16> ? 0x1p16 : 8,
                     "there and back");
        }
      }
    }
  }
}

TYPED_TEST(RowsTest, CrossEntropyMatchesReference) {
  using T = TypeParam;
  constexpr int64_t kRows = 9;
  for (const int64_t classes : kLengths) {
    for (const int64_t padding : {0, 5}) {
      for (const double smoothing : {0.0, 0.1}) {
        const int64_t stride = classes + padding;
        Data<T> logits = Numbers<T>(kRows * stride, 1, 3);
        std::vector<int32_t> targets(kRows);
        std::vector<float> weights(kRows);
        for (int64_t r = 0; r < kRows; ++r) {
          targets[r] = int32_t((r * 7) % classes);
          weights[r] = r == 2 ? 0 : 0.5f + r;
          // Padding must not count, whatever it holds.
          for (int64_t c = classes; c < stride; ++c) {
            const int64_t at = r * stride + c;
            logits.values[at] = FromDouble<T>(logits.exact[at] = NAN);
          }
        }
        targets[2] = -1;  // not read
        Data<T> d = Filled<T>(kRows * stride, 99);
        std::vector<double> want(kRows * stride);
        const double loss =
            CrossEntropyRows(logits.data(), targets.data(), weights.data(),
                             smoothing, d.data(), kRows, classes, stride);
        const double want_loss = reference::CrossEntropyRows(
            logits.exact.data(), targets.data(), weights.data(), smoothing,
            want.data(), kRows, classes, stride);
        EXPECT_NEAR(loss, want_loss, 2e-5 * (1 + want_loss));
        ExpectNear(d.values, want, 10, 16, "dlogits");
        EXPECT_EQ(loss, CrossEntropyRows(logits.data(), targets.data(),
                                         weights.data(), smoothing,
                                         static_cast<T*>(nullptr), kRows,
                                         classes, stride));
        CrossEntropyRows(logits.data(), targets.data(), weights.data(),
                         smoothing, logits.data(), kRows, classes, stride);
        ExpectNear(logits.values, want, 10, 16, "in place");
      }
    }
  }
}

}  // namespace
}  // namespace archlab
