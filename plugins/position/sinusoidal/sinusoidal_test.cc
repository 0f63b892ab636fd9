// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sinusoidal positions against their formula.

#include <cmath>

#include "archlab/position.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("position/sinusoidal", "");
ARCHLAB_CONTRACT("position/sinusoidal", "base: 100 scale: 0.1");

TEST(Sinusoidal, AddsSinesAndCosines) {
  const UnderTest<Position> position("position/sinusoidal", "scale: 0.5");
  const Tensor x = TestTensor({2, 3, 16}, DType::kF64, 1);
  for (const int64_t first : {0, 9, 5000}) {
    const Tensor y = position->Embed(x, TestPositions(2, 3, first));
    for (int64_t row = 0; row < 6; ++row)
      for (int64_t i = 0; i < 8; ++i) {
        const double angle =
            (first + row % 3) / std::pow(10000.0, 2.0 * i / 16);
        const int64_t at = row * 16 + 2 * i;
        EXPECT_NEAR(y.At(at) - x.At(at), 0.5 * std::sin(angle), 1e-9);
        EXPECT_NEAR(y.At(at + 1) - x.At(at + 1), 0.5 * std::cos(angle), 1e-9);
      }
  }
}

TEST(Sinusoidal, TakesAnOddWidth) {
  Surroundings at = TestSurroundings();
  at.width = 5;
  const UnderTest<Position> position("position/sinusoidal", "", at);
  const Tensor y = position->Embed(Tensor::Zeros({1, 1, 5}, DType::kF64),
                                   TestPositions(1, 1, 3));
  EXPECT_NEAR(y.At(4), std::sin(3 / std::pow(10000.0, 4.0 / 5)), 1e-12);
}

}  // namespace
}  // namespace archlab
