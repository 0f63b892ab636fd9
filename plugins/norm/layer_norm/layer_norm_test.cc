// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Layer normalisation against its definition.

#include <cmath>
#include <vector>

#include "archlab/norm.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("norm/layer_norm", "");
ARCHLAB_CONTRACT("norm/layer_norm", "bias: false");
ARCHLAB_CONTRACT("norm/layer_norm", "gain: false bias: false epsilon: 1e-3");

TEST(LayerNorm, IsTheDefinition) {
  UnderTest<Norm> norm("norm/layer_norm", "epsilon: 0.01");
  Tensor gain = norm.ParameterValue("weight");
  Tensor bias = norm.ParameterValue("bias");
  for (int64_t i = 0; i < 16; ++i) {
    gain.Set(i, 0.5 + i);
    bias.Set(i, 3 - i);
  }
  const Tensor x = TestTensor({3, 16}, DType::kF64, 1);
  const Tensor y = norm->Forward(x);
  for (int64_t row = 0; row < 3; ++row) {
    double mean = 0, variance = 0;
    for (int64_t i = 0; i < 16; ++i) mean += x.At(row * 16 + i) / 16;
    for (int64_t i = 0; i < 16; ++i)
      variance += std::pow(x.At(row * 16 + i) - mean, 2) / 16;
    for (int64_t i = 0; i < 16; ++i)
      EXPECT_NEAR(
          y.At(row * 16 + i),
          (x.At(row * 16 + i) - mean) / std::sqrt(variance + 0.01) * (0.5 + i) +
              3 - i,
          1e-12);
  }
}

TEST(LayerNorm, ParametersStartNeutralAndDoNotDecay) {
  const UnderTest<Norm> norm("norm/layer_norm");
  ASSERT_EQ(norm.ParameterNames(),
            (std::vector<std::string>{"weight", "bias"}));
  EXPECT_EQ(norm.ParameterValue("weight").ToVector(),
            std::vector<double>(16, 1));
  EXPECT_EQ(norm.ParameterValue("bias").ToVector(), std::vector<double>(16, 0));
  for (const std::string& name : norm.ParameterNames()) {
    EXPECT_FALSE(norm.TraitsOf(name).decay);
    EXPECT_FALSE(norm.TraitsOf(name).matrix);
    EXPECT_TRUE(norm.TraitsOf(name).keep_f32);
  }
}

TEST(LayerNorm, LeavesOutWhatIsSwitchedOff) {
  const UnderTest<Norm> norm("norm/layer_norm", "bias: false");
  EXPECT_EQ(norm.ParameterNames(), std::vector<std::string>{"weight"});
}

}  // namespace
}  // namespace archlab
