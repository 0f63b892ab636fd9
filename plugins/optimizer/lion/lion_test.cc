// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Lion against the paper's algorithm in doubles.

#include <cmath>
#include <vector>

#include "archlab/optimizer.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("optimizer/lion", "");
ARCHLAB_CONTRACT("optimizer/lion", "beta1: 0 beta2: 0 weight_decay: 0");

constexpr int64_t kSize = 40000;  // several chunks, the last one short

// Algorithm 2 of arXiv:2302.06675, for one tensor.
struct Naive {
  double beta1, beta2, decay;
  std::vector<double> w, m = std::vector<double>(kSize, 0);

  void Step(double rate, const std::vector<float>& g) {
    for (int64_t i = 0; i < kSize; ++i) {
      const double c = beta1 * m[i] + (1 - beta1) * g[i];
      const double sign = c > 0 ? 1 : c < 0 ? -1 : 0;
      w[i] -= rate * (sign + decay * w[i]);
      m[i] = beta2 * m[i] + (1 - beta2) * g[i];
    }
  }
};

std::vector<float> Numbers(uint64_t seed) {
  std::vector<float> numbers;
  const Tensor x = TestTensor({kSize}, DType::kF32, seed);
  for (const double value : x.ToVector()) numbers.push_back(float(value));
  return numbers;
}

void ExpectAgreement(const std::string& config, Naive naive, bool decay) {
  const UnderTest<Optimizer> lion("optimizer/lion", config);
  ASSERT_EQ(lion->StateSlots(), 1);
  std::vector<float> w = Numbers(1), m(kSize, 0);
  naive.w.assign(w.begin(), w.end());
  std::vector<absl::Span<float>> state = {absl::MakeSpan(m)};
  for (int64_t step = 1; step <= 5; ++step) {
    const std::vector<float> g = Numbers(10 + step);
    std::vector<OptimizerTensor> tensors = {{"w", Shape{kSize}, decay, true,
                                             absl::MakeSpan(w), g,
                                             absl::MakeSpan(state)}};
    lion->Step(step, 0.01 * step, absl::MakeSpan(tensors));
    naive.Step(0.01 * step, g);
  }
  for (int64_t i = 0; i < kSize; ++i) {
    ASSERT_NEAR(w[i], naive.w[i], 2e-6 * std::max(1.0, std::abs(naive.w[i])));
    ASSERT_NEAR(m[i], naive.m[i], 1e-6);
  }
}

TEST(Lion, IsThePapersAlgorithm) {
  ExpectAgreement("", {0.9, 0.99, 1, {}}, true);
  ExpectAgreement("beta1: 0.95 beta2: 0.98 weight_decay: 10",
                  {0.95, 0.98, 10, {}}, true);
}

TEST(Lion, DecaysOnlyWhatMayDecay) {
  ExpectAgreement("weight_decay: 10", {0.9, 0.99, 0, {}}, false);
}

TEST(Lion, StepsHaveOneLength) {
  const UnderTest<Optimizer> lion("optimizer/lion", "weight_decay: 0");
  std::vector<float> w = {0, 0, 0}, m = {0, 0, 0};
  const std::vector<float> g = {1e-20f, -1e20f, 0};
  std::vector<absl::Span<float>> state = {absl::MakeSpan(m)};
  std::vector<OptimizerTensor> tensors = {
      {"w", Shape{3}, true, true, absl::MakeSpan(w), g, absl::MakeSpan(state)}};
  lion->Step(1, 0.5, absl::MakeSpan(tensors));
  EXPECT_EQ(w, (std::vector<float>{-0.5, 0.5, 0}));
}

TEST(Lion, NamesItsState) {
  EXPECT_EQ(UnderTest<Optimizer>("optimizer/lion")->StateName(0), "momentum");
}

}  // namespace
}  // namespace archlab
