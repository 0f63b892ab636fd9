// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Dynamic tanh against its definition.

#include <cmath>
#include <string>
#include <vector>

#include "archlab/norm.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("norm/dynamic_tanh", "");
ARCHLAB_CONTRACT("norm/dynamic_tanh", "alpha: 2 bias: false");

TEST(DynamicTanh, IsTheDefinition) {
  UnderTest<Norm> norm("norm/dynamic_tanh", "alpha: 0.75");
  Tensor weight = norm.ParameterValue("weight");
  Tensor bias = norm.ParameterValue("bias");
  for (int64_t i = 0; i < 16; ++i) {
    weight.Set(i, 0.5 + i);
    bias.Set(i, 0.1 * i);
  }
  const Tensor x = TestTensor({3, 16}, DType::kF64, 1);
  const Tensor y = norm->Forward(x);
  for (int64_t i = 0; i < 48; ++i)
    EXPECT_NEAR(y.At(i),
                std::tanh(0.75 * x.At(i)) * (0.5 + i % 16) + 0.1 * (i % 16),
                1e-12);
}

TEST(DynamicTanh, BeginsAsATanhAndDoesNotDecay) {
  const UnderTest<Norm> norm("norm/dynamic_tanh");
  EXPECT_EQ(norm.ParameterValue("alpha").ToVector(), std::vector<double>{0.5});
  EXPECT_EQ(norm.ParameterValue("weight").ToVector(),
            std::vector<double>(16, 1));
  EXPECT_EQ(norm.ParameterValue("bias").ToVector(), std::vector<double>(16, 0));
  for (const std::string name : {"alpha", "weight", "bias"}) {
    EXPECT_FALSE(norm.TraitsOf(name).decay) << name;
    EXPECT_TRUE(norm.TraitsOf(name).keep_f32) << name;
  }
}

TEST(DynamicTanh, DoesWithoutABias) {
  const UnderTest<Norm> norm("norm/dynamic_tanh", "bias: false");
  EXPECT_EQ(norm.ParameterNames(),
            (std::vector<std::string>{"alpha", "weight"}));
}

}  // namespace
}  // namespace archlab
