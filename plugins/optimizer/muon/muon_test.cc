// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Muon against singular values and plain loops in doubles.

#include <algorithm>
#include <cmath>
#include <vector>

#include "archlab/optimizer.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("optimizer/muon", "");
ARCHLAB_CONTRACT("optimizer/muon",
                 "momentum: 0 nesterov: false iterations: 10 weight_decay: 0.1 "
                 "adamw { learning_rate_ratio: 1 weight_decay: 0.1 }");

// A matrix in doubles, [rows, columns].
struct Matrix {
  int64_t rows, columns;
  std::vector<double> at = std::vector<double>(rows * columns, 0);

  double& operator()(int64_t r, int64_t c) { return at[r * columns + c]; }
  double operator()(int64_t r, int64_t c) const { return at[r * columns + c]; }
};

Matrix Product(const Matrix& a, const Matrix& b) {
  Matrix c = {a.rows, b.columns};
  for (int64_t i = 0; i < a.rows; ++i)
    for (int64_t j = 0; j < b.columns; ++j)
      for (int64_t k = 0; k < a.columns; ++k) c(i, j) += a(i, k) * b(k, j);
  return c;
}

Matrix Transposed(const Matrix& a) {
  Matrix t = {a.columns, a.rows};
  for (int64_t i = 0; i < a.rows; ++i)
    for (int64_t j = 0; j < a.columns; ++j) t(j, i) = a(i, j);
  return t;
}

Matrix RandomMatrix(int64_t rows, int64_t columns, uint64_t seed) {
  return {rows, columns,
          TestTensor({rows, columns}, DType::kF32, seed).ToVector()};
}

// A reflection I - 2 v v^T / v^T v: orthogonal.
Matrix Reflection(int64_t n, uint64_t seed) {
  const std::vector<double> v = TestTensor({n}, DType::kF64, seed).ToVector();
  double norm = 0;
  for (const double x : v) norm += x * x;
  Matrix q = {n, n};
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      q(i, j) = (i == j ? 1 : 0) - 2 * v[i] * v[j] / norm;
  return q;
}

// What the iteration makes of one singular value.
double Scalar(double s, int iterations) {
  for (int i = 0; i < iterations; ++i)
    s = 3.4445 * s - 4.7750 * s * s * s + 2.0315 * s * s * s * s * s;
  return s;
}

// The iteration as published: on the transpose where it is wider.
Matrix NaiveOrthogonal(Matrix x, int iterations) {
  const bool tall = x.rows > x.columns;
  if (tall) x = Transposed(x);
  double norm = 0;
  for (const double value : x.at) norm += value * value;
  for (double& value : x.at) value /= std::sqrt(norm) + 1e-7;
  for (int i = 0; i < iterations; ++i) {
    const Matrix a = Product(x, Transposed(x));
    Matrix b = Product(a, a);
    for (size_t e = 0; e < b.at.size(); ++e)
      b.at[e] = -4.7750 * a.at[e] + 2.0315 * b.at[e];
    const Matrix bx = Product(b, x);
    for (size_t e = 0; e < x.at.size(); ++e)
      x.at[e] = 3.4445 * x.at[e] + bx.at[e];
  }
  return tall ? Transposed(x) : x;
}

// A parameter, its state and the optimizer.
struct Trained {
  Shape shape;
  bool decay, matrix;
  std::vector<float> w, first, second;

  Trained(const Shape& shape, bool decay, bool matrix,
          const std::vector<double>& start)
      : shape(shape),
        decay(decay),
        matrix(matrix),
        w(start.begin(), start.end()),
        first(w.size(), 0),
        second(w.size(), 0) {}

  void Step(const Optimizer& muon, int64_t step, double rate,
            const std::vector<double>& gradient) {
    const std::vector<float> g(gradient.begin(), gradient.end());
    std::vector<absl::Span<float>> state = {absl::MakeSpan(first),
                                            absl::MakeSpan(second)};
    std::vector<OptimizerTensor> tensors = {{"w", shape, decay, matrix,
                                             absl::MakeSpan(w), g,
                                             absl::MakeSpan(state)}};
    muon.Step(step, rate, absl::MakeSpan(tensors));
  }
};

// The first step from zero with rate 1 is minus the orthogonalised gradient.
Matrix FirstStep(const Matrix& gradient) {
  const UnderTest<Optimizer> muon("optimizer/muon");
  Trained w({gradient.rows, gradient.columns}, true, true,
            std::vector<double>(gradient.at.size(), 0));
  w.Step(*muon.get(), 1, 1, gradient.at);
  Matrix step = {gradient.rows, gradient.columns};
  for (size_t i = 0; i < step.at.size(); ++i) step.at[i] = -w.w[i];
  return step;
}

// A gradient U S V^T with known singular values moves the weights by
// U f(S / |S|) V^T, where the iteration's f brings all of them near 1.
TEST(Muon, BringsSingularValuesNearOne) {
  constexpr int64_t kRows = 20, kColumns = 12;
  const Matrix u = Reflection(kRows, 1), v = Reflection(kColumns, 2);
  std::vector<double> singular;
  double norm = 0;
  for (int64_t i = 0; i < kColumns; ++i) {
    singular.push_back(std::pow(0.8, i));
    norm += singular[i] * singular[i];
  }
  Matrix gradient = {kRows, kColumns}, expected = {kRows, kColumns};
  const double scale = std::sqrt(double(kRows) / kColumns);
  for (int64_t i = 0; i < kColumns; ++i) {
    gradient(i, i) = singular[i];
    expected(i, i) = scale * Scalar(singular[i] / std::sqrt(norm), 5);
    EXPECT_GT(expected(i, i) / scale, 0.68);
    EXPECT_LT(expected(i, i) / scale, 1.2);
  }
  gradient = Product(Product(u, gradient), Transposed(v));
  // U^T step V is diagonal and holds the singular values.
  const Matrix step = Product(Product(Transposed(u), FirstStep(gradient)), v);
  for (size_t i = 0; i < step.at.size(); ++i)
    EXPECT_NEAR(step.at[i], expected.at[i], 1e-4);
}

TEST(Muon, TheScaleOfGradientsDoesNotMatter) {
  const Matrix gradient = RandomMatrix(6, 9, 1);
  const Matrix step = FirstStep(gradient);
  for (const double factor : {1e-25, 1e10}) {
    Matrix scaled = gradient;
    for (double& value : scaled.at) value *= factor;
    const Matrix same = FirstStep(scaled);
    for (size_t i = 0; i < step.at.size(); ++i)
      EXPECT_NEAR(same.at[i], step.at[i], 1e-4);
  }
}

// Several steps of a tall, a wide and a square matrix.
TEST(Muon, IsThePublishedAlgorithm) {
  const UnderTest<Optimizer> muon(
      "optimizer/muon", "momentum: 0.8 iterations: 4 weight_decay: 0.3");
  for (const auto& [rows, columns] :
       {std::pair{24, 10}, std::pair{5, 40}, std::pair{16, 16}}) {
    Matrix naive = RandomMatrix(rows, columns, 1), sum = {rows, columns};
    Trained w({rows, columns}, true, true, naive.at);
    for (int64_t step = 1; step <= 4; ++step) {
      const double rate = 0.01 * step;
      const Matrix g = RandomMatrix(rows, columns, 10 + step);
      Matrix ahead = g;
      for (size_t i = 0; i < g.at.size(); ++i) {
        sum.at[i] = 0.8 * sum.at[i] + g.at[i];
        ahead.at[i] += 0.8 * sum.at[i];
      }
      const Matrix update = NaiveOrthogonal(ahead, 4);
      const double scale = std::sqrt(std::max(1.0, double(rows) / columns));
      for (size_t i = 0; i < g.at.size(); ++i)
        naive.at[i] += -rate * 0.3 * naive.at[i] - rate * scale * update.at[i];
      w.Step(*muon.get(), step, rate, g.at);
    }
    for (size_t i = 0; i < naive.at.size(); ++i) {
      EXPECT_NEAR(w.w[i], naive.at[i], 1e-5);
      EXPECT_NEAR(w.first[i], sum.at[i], 1e-5);
      EXPECT_EQ(w.second[i], 0);
    }
  }
}

// Two matrices in one tensor learn as if they were two tensors.
TEST(Muon, TreatsLeadingDimensionsApart) {
  const UnderTest<Optimizer> muon("optimizer/muon");
  const std::vector<double> start =
      TestTensor({2, 5, 7}, DType::kF32, 1).ToVector();
  const std::vector<double> gradient =
      TestTensor({2, 5, 7}, DType::kF32, 2).ToVector();
  Trained both({2, 5, 7}, true, true, start);
  both.Step(*muon.get(), 1, 0.1, gradient);
  for (int64_t m = 0; m < 2; ++m) {
    const auto half = [&](const std::vector<double>& x) {
      return std::vector<double>(x.begin() + 35 * m, x.begin() + 35 * (m + 1));
    };
    Trained one({5, 7}, true, true, half(start));
    one.Step(*muon.get(), 1, 0.1, half(gradient));
    for (int64_t i = 0; i < 35; ++i) EXPECT_EQ(both.w[35 * m + i], one.w[i]);
  }
}

// What is no linear map takes AdamW: algorithm 2 of arXiv:1711.05101.
TEST(Muon, TakesAdamWForTheRest) {
  const UnderTest<Optimizer> muon(
      "optimizer/muon",
      "weight_decay: 9 adamw { learning_rate_ratio: 0.5 beta1: 0.8 beta2: 0.99 "
      "epsilon: 0.01 weight_decay: 0.3 }");
  const std::vector<double> start =
      TestTensor({6, 4}, DType::kF32, 1).ToVector();
  for (const bool decay : {true, false}) {
    Trained w({6, 4}, decay, false, start);
    std::vector<double> naive = start, m(24, 0), v(24, 0);
    for (int64_t t = 1; t <= 5; ++t) {
      const std::vector<double> g =
          TestTensor({24}, DType::kF32, 10 + t).ToVector();
      for (int64_t i = 0; i < 24; ++i) {
        m[i] = 0.8 * m[i] + 0.2 * g[i];
        v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
        const double m_hat = m[i] / (1 - std::pow(0.8, t));
        const double v_hat = v[i] / (1 - std::pow(0.99, t));
        naive[i] -= 0.05 * (m_hat / (std::sqrt(v_hat) + 0.01) +
                            (decay ? 0.3 : 0) * naive[i]);
      }
      w.Step(*muon.get(), t, 0.1, g);
    }
    for (int64_t i = 0; i < 24; ++i) EXPECT_NEAR(w.w[i], naive[i], 2e-6);
  }
}

}  // namespace
}  // namespace archlab
