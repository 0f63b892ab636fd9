// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Root-mean-square normalisation against its definition.

#include <cmath>
#include <vector>

#include "archlab/norm.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("norm/rms_norm", "");
ARCHLAB_CONTRACT("norm/rms_norm", "gain: false epsilon: 1e-3");

TEST(RmsNorm, IsTheDefinition) {
  UnderTest<Norm> norm("norm/rms_norm", "epsilon: 0.01");
  Tensor gain = norm.ParameterValue("weight");
  for (int64_t i = 0; i < 16; ++i) gain.Set(i, 0.5 + i);
  const Tensor x = TestTensor({3, 16}, DType::kF64, 1);
  const Tensor y = norm->Forward(x);
  for (int64_t row = 0; row < 3; ++row) {
    double mean_square = 0;
    for (int64_t i = 0; i < 16; ++i)
      mean_square += x.At(row * 16 + i) * x.At(row * 16 + i) / 16;
    for (int64_t i = 0; i < 16; ++i)
      EXPECT_NEAR(
          y.At(row * 16 + i),
          x.At(row * 16 + i) / std::sqrt(mean_square + 0.01) * (0.5 + i),
          1e-12);
  }
}

TEST(RmsNorm, GainStartsAtOneAndDoesNotDecay) {
  const UnderTest<Norm> norm("norm/rms_norm");
  ASSERT_EQ(norm.ParameterNames(), std::vector<std::string>{"weight"});
  EXPECT_EQ(norm.ParameterValue("weight").ToVector(),
            std::vector<double>(16, 1));
  EXPECT_FALSE(norm.TraitsOf("weight").decay);
  EXPECT_TRUE(norm.TraitsOf("weight").keep_f32);
}

}  // namespace
}  // namespace archlab
