// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// No order: everything passes as it is.

#include "archlab/position.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("position/none", "");

TEST(NoPosition, ChangesNothing) {
  const UnderTest<Position> position("position/none");
  const Tensor x = TestTensor({1, 3, 16}, DType::kF64, 1);
  const Tensor q = TestTensor({1, 3, 4, 4}, DType::kF64, 2);
  EXPECT_TRUE(SameBits(position->Embed(x, TestPositions(1, 3)), x));
  EXPECT_TRUE(SameBits(position->Rotate(q, TestPositions(1, 3)), q));
  EXPECT_FALSE(position->ScoreBias(3).defined());
}

}  // namespace
}  // namespace archlab
