// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Every expert has its best tokens, and as many as every other.

#include <vector>

#include "archlab/router.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("router/expert_choice", "");
ARCHLAB_CONTRACT("router/expert_choice", "capacity_factor: 0.3");
ARCHLAB_CONTRACT("router/expert_choice", "capacity_factor: 9");

TEST(ExpertChoice, ExpertsTakeTheirBestRealTokens) {
  UnderTest<Router> router("router/expert_choice", "capacity_factor: 1.5");
  const Tensor x = TestTensor({12, 16}, DType::kF64, 2);
  std::vector<uint8_t> real(12, 1);
  real[4] = real[11] = 0;
  const Routing routing = router->Route(x, real, router.Context(1, 12, true));
  const Tensor scores =
      Softmax(Linear(x, router.ParameterValue("weight"), Tensor()));
  for (int e = 0; e < 5; ++e) {
    ASSERT_EQ(routing.begins[e + 1] - routing.begins[e], 3);  // 1.5 * 10 / 5
    std::vector<bool> has(12);
    double worst = 1;
    for (int64_t i = routing.begins[e]; i < routing.begins[e + 1]; ++i) {
      const double score = scores.At(routing.tokens[i] * 5 + e);
      EXPECT_EQ(routing.weights.At(i), score);
      worst = std::min(worst, score);
      has[routing.tokens[i]] = true;
    }
    for (int t = 0; t < 12; ++t)
      if (real[t] && !has[t]) EXPECT_LT(scores.At(t * 5 + e), worst);
  }
}

TEST(ExpertChoice, CountsAtMostAllExperts) {
  EXPECT_EQ(UnderTest<Router>("router/expert_choice", "capacity_factor: 9")
                ->ExpertsPerToken(),
            5);
  EXPECT_EQ(UnderTest<Router>("router/expert_choice")->ExpertsPerToken(), 2);
}

}  // namespace
}  // namespace archlab
