// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Capacity: who finds room, and when it applies.

#include <vector>

#include "archlab/router.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("router/switch", "");
ARCHLAB_CONTRACT("router/switch", "capacity_factor: 0.5 z_loss: 0.1");
ARCHLAB_CONTRACT("router/switch", "capacity_factor: 100 balance_loss: 0");

// Tokens that all choose the same expert.
Tensor Alike(int64_t tokens) {
  return Expand(TestTensor({1, 16}, DType::kF64, 1), {tokens, 16});
}

TEST(Switch, TheFirstTokensFindRoom) {
  UnderTest<Router> router("router/switch", "capacity_factor: 1.5");
  std::vector<uint8_t> real(12, 1);
  real[0] = real[3] = 0;
  const Routing routing =
      router->Route(Alike(12), real, router.Context(1, 12, true));
  // Ten real tokens, five experts: room for 1.5 * 10 / 5 tokens.
  EXPECT_EQ(routing.tokens, (std::vector<int32_t>{1, 2, 4}));
  EXPECT_EQ(routing.dropped, 7);
}

TEST(Switch, RoomIsRoundedUp) {
  UnderTest<Router> router("router/switch", "capacity_factor: 1");
  const Routing routing =
      router->Route(Alike(6), {}, router.Context(1, 6, true));
  EXPECT_EQ(routing.tokens.size(), 2u);
  EXPECT_EQ(routing.dropped, 4);
}

TEST(Switch, EvaluationDropsNothing) {
  UnderTest<Router> router("router/switch", "capacity_factor: 0.5");
  const Routing routing = router->Route(Alike(9), {}, router.Context(1, 9));
  EXPECT_EQ(routing.tokens.size(), 9u);
  EXPECT_EQ(routing.dropped, 0);
}

TEST(Switch, TheWeightIsTheLargestScore) {
  UnderTest<Router> router("router/switch");
  const Tensor x = TestTensor({7, 16}, DType::kF64, 2);
  const Routing routing = router->Route(x, {}, router.Context(1, 7));
  const Tensor scores =
      Softmax(Linear(x, router.ParameterValue("weight"), Tensor()));
  const Tensor best = Max(scores, 1);  // [7, 1]
  ASSERT_EQ(routing.tokens.size(), 7u);
  for (int e = 0; e < 5; ++e)
    for (int64_t i = routing.begins[e]; i < routing.begins[e + 1]; ++i) {
      EXPECT_EQ(routing.weights.At(i), best.At(routing.tokens[i]));
      EXPECT_EQ(routing.weights.At(i), scores.At(routing.tokens[i] * 5 + e));
    }
}

}  // namespace
}  // namespace archlab
