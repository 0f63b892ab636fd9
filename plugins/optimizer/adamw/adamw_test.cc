// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// AdamW against the paper's algorithm in doubles.

#include <cmath>
#include <vector>

#include "archlab/optimizer.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("optimizer/adamw", "");
ARCHLAB_CONTRACT("optimizer/adamw", "beta1: 0 beta2: 0.999 weight_decay: 0");

constexpr int64_t kSize = 40000;  // several chunks, the last one short

// Algorithm 2 of arXiv:1711.05101 with the learning rate in front of both
// terms, for one tensor.
struct Naive {
  double beta1, beta2, epsilon, decay;
  std::vector<double> w, m = std::vector<double>(kSize, 0), v = m;

  void Step(int64_t t, double rate, const std::vector<float>& g) {
    for (int64_t i = 0; i < kSize; ++i) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      const double m_hat = m[i] / (1 - std::pow(beta1, t));
      const double v_hat = v[i] / (1 - std::pow(beta2, t));
      w[i] -= rate * (m_hat / (std::sqrt(v_hat) + epsilon) + decay * w[i]);
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
  const UnderTest<Optimizer> adamw("optimizer/adamw", config);
  ASSERT_EQ(adamw->StateSlots(), 2);
  std::vector<float> w = Numbers(1), m(kSize, 0), v(kSize, 0);
  naive.w.assign(w.begin(), w.end());
  std::vector<absl::Span<float>> state = {absl::MakeSpan(m), absl::MakeSpan(v)};
  for (int64_t step = 1; step <= 5; ++step) {
    const std::vector<float> g = Numbers(10 + step);
    std::vector<OptimizerTensor> tensors = {{"w", Shape{kSize}, decay, true,
                                             absl::MakeSpan(w), g,
                                             absl::MakeSpan(state)}};
    adamw->Step(step, 0.01 * step, absl::MakeSpan(tensors));
    naive.Step(step, 0.01 * step, g);
  }
  for (int64_t i = 0; i < kSize; ++i) {
    ASSERT_NEAR(w[i], naive.w[i], 2e-6 * std::max(1.0, std::abs(naive.w[i])));
    ASSERT_NEAR(m[i], naive.m[i], 1e-6);
    ASSERT_NEAR(v[i], naive.v[i], 1e-5);
  }
}

TEST(AdamW, IsThePapersAlgorithm) {
  ExpectAgreement("", {0.9, 0.95, 1e-8, 0.1, {}}, true);
  ExpectAgreement("beta1: 0.8 beta2: 0.99 epsilon: 0.1 weight_decay: 0.5",
                  {0.8, 0.99, 0.1, 0.5, {}}, true);
}

TEST(AdamW, DecaysOnlyWhatMayDecay) {
  ExpectAgreement("weight_decay: 0.5", {0.9, 0.95, 1e-8, 0, {}}, false);
}

TEST(AdamW, NamesItsState) {
  const UnderTest<Optimizer> adamw("optimizer/adamw");
  EXPECT_EQ(adamw->StateName(0), "m");
  EXPECT_EQ(adamw->StateName(1), "v");
}

}  // namespace
}  // namespace archlab
