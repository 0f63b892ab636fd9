// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Gradient descent against plain doubles.

#include <cmath>
#include <vector>

#include "archlab/optimizer.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

ARCHLAB_CONTRACT("optimizer/sgd", "");
ARCHLAB_CONTRACT("optimizer/sgd", "momentum: 0.9 weight_decay: 0.01");
ARCHLAB_CONTRACT("optimizer/sgd", "momentum: 0.9 nesterov: true");

constexpr int64_t kSize = 40000;  // several chunks, the last one short

struct Naive {
  double momentum, decay;
  bool nesterov;
  std::vector<double> w, u = std::vector<double>(kSize, 0);

  void Step(double rate, const std::vector<float>& gradient) {
    for (int64_t i = 0; i < kSize; ++i) {
      const double g = gradient[i] + decay * w[i];
      u[i] = momentum * u[i] + g;
      w[i] -= rate * (nesterov ? g + momentum * u[i] : u[i]);
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
  const UnderTest<Optimizer> sgd("optimizer/sgd", config);
  std::vector<float> w = Numbers(1), u(kSize, 0);
  naive.w.assign(w.begin(), w.end());
  std::vector<absl::Span<float>> state(sgd->StateSlots(), absl::MakeSpan(u));
  for (int64_t step = 1; step <= 5; ++step) {
    const std::vector<float> g = Numbers(10 + step);
    std::vector<OptimizerTensor> tensors = {{"w", Shape{kSize}, decay, true,
                                             absl::MakeSpan(w), g,
                                             absl::MakeSpan(state)}};
    sgd->Step(step, 0.1 * step, absl::MakeSpan(tensors));
    naive.Step(0.1 * step, g);
  }
  for (int64_t i = 0; i < kSize; ++i)
    ASSERT_NEAR(w[i], naive.w[i], 3e-6 * std::max(1.0, std::abs(naive.w[i])));
}

TEST(Sgd, IsTheFormula) {
  ExpectAgreement("", {0, 0, false, {}}, true);
  ExpectAgreement("weight_decay: 0.2", {0, 0.2, false, {}}, true);
  ExpectAgreement("momentum: 0.9 weight_decay: 0.2", {0.9, 0.2, false, {}},
                  true);
  ExpectAgreement("momentum: 0.7 nesterov: true", {0.7, 0, true, {}}, true);
}

TEST(Sgd, DecaysOnlyWhatMayDecay) {
  ExpectAgreement("weight_decay: 0.2", {0, 0, false, {}}, false);
}

TEST(Sgd, KeepsStateOnlyForMomentum) {
  EXPECT_EQ(UnderTest<Optimizer>("optimizer/sgd")->StateSlots(), 0);
  const UnderTest<Optimizer> sgd("optimizer/sgd", "momentum: 0.5");
  ASSERT_EQ(sgd->StateSlots(), 1);
  EXPECT_EQ(sgd->StateName(0), "velocity");
}

TEST(Sgd, RefusesNesterovWithoutMomentum) {
  const UnderTest<Optimizer> sgd("optimizer/sgd", "nesterov: true");
  EXPECT_EQ(sgd.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(sgd.status().message(), HasSubstr("needs momentum"));
  EXPECT_EQ(FieldErrorPath(sgd.status()), "2");
}

}  // namespace
}  // namespace archlab
