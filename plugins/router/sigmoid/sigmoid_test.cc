// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sigmoid scores, and the bias that balances the load.

#include <algorithm>
#include <cmath>
#include <vector>

#include "archlab/router.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("router/sigmoid", "");
ARCHLAB_CONTRACT("router/sigmoid", "k: 1 renormalise: false scale: 2.5");
ARCHLAB_CONTRACT("router/sigmoid", "k: 5 update_rate: 0");

class StepContext final : public ForwardContext {
 public:
  StepContext(int64_t step, bool training) {
    step_ = step;
    training_ = training;
  }
  Random RandomAt(absl::string_view) const override { return Random(1, 2, 3); }
  void AddLoss(absl::string_view, const Tensor&) override { FAIL(); }
  void Log(absl::string_view, double) override {}
  void Tap(absl::string_view, const Tensor&) override {}
};

std::vector<int64_t> Loads(Router& router, const Tensor& x, int64_t step,
                           bool training) {
  StepContext context(step, training);
  const Routing routing = router.Route(x, {}, context);
  std::vector<int64_t> loads;
  for (size_t e = 0; e + 1 < routing.begins.size(); ++e)
    loads.push_back(routing.begins[e + 1] - routing.begins[e]);
  return loads;
}

// Tokens that are nearly the same, so that they choose the same experts.
Tensor NearlyAlike() {
  return Expand(TestTensor({1, 16}, DType::kF64, 1), {40, 16}) +
         TestTensor({40, 16}, DType::kF64, 2, 0.1);
}

int64_t Spread(const std::vector<int64_t>& loads) {
  return *std::max_element(loads.begin(), loads.end()) -
         *std::min_element(loads.begin(), loads.end());
}

// A share of one expert is 1 whatever its score: nothing could be learned.
TEST(SigmoidRouter, OneExpertsWeightTrainsTheRouter) {
  UnderTest<Router> router("router/sigmoid", "k: 1");
  router.RequireGradients();
  StepContext context(0, false);
  const Routing routing =
      router->Route(TestTensor({6, 16}, DType::kF64, 2), {}, context);
  Backward(SumAll(routing.weights));
  const Tensor gradient = router.ParameterValue("weight").grad();
  ASSERT_TRUE(gradient.defined());
  EXPECT_FALSE(Near(gradient, gradient * 0.0, 1e-3));
}

TEST(SigmoidRouter, WeightsAreSigmoidsOverTheirSum) {
  UnderTest<Router> router("router/sigmoid", "k: 2 scale: 2.5");
  const Tensor x = TestTensor({3, 16}, DType::kF64, 3);
  const Routing routing = router->Route(x, {}, router.Context(1, 3));
  const Tensor logits = Linear(x, router.ParameterValue("weight"), Tensor());
  const auto score = [&](int64_t t, int e) {
    return 1 / (1 + std::exp(-logits.At(t * 5 + e)));
  };
  std::vector<double> sums(3);
  for (int e = 0; e < 5; ++e)
    for (int64_t i = routing.begins[e]; i < routing.begins[e + 1]; ++i)
      sums[routing.tokens[i]] += score(routing.tokens[i], e);
  for (int e = 0; e < 5; ++e)
    for (int64_t i = routing.begins[e]; i < routing.begins[e + 1]; ++i) {
      const int32_t t = routing.tokens[i];
      EXPECT_NEAR(routing.weights.At(i), 2.5 * score(t, e) / sums[t], 1e-12);
    }
}

TEST(SigmoidRouter, BalancesTheLoad) {
  UnderTest<Router> router("router/sigmoid", "k: 1 update_rate: 0.01");
  router.RequireGradients();
  const Tensor x = NearlyAlike();
  EXPECT_EQ(Spread(Loads(*router.get(), x, 0, true)), 40);
  for (int64_t step = 1; step < 150; ++step)
    Loads(*router.get(), x, step, true);
  EXPECT_LE(Spread(Loads(*router.get(), x, 150, true)), 20);
}

// Within a step and in evaluation the choice stays.
TEST(SigmoidRouter, MovesOnceAStepByAllItsMicroBatches) {
  const Tensor x = NearlyAlike(), other = -x;
  UnderTest<Router> split("router/sigmoid", "k: 1 update_rate: 1");
  UnderTest<Router> whole("router/sigmoid", "k: 1 update_rate: 1");
  split.RequireGradients();
  whole.RequireGradients();
  const auto before = Loads(*split.get(), x, 3, true);
  EXPECT_EQ(Loads(*split.get(), x, 3, true), before);
  Loads(*split.get(), other, 3, true);
  EXPECT_EQ(Loads(*split.get(), x, 4, false), before);
  Loads(*whole.get(), Concat({x, x, other}, 0), 3, true);
  const auto after = Loads(*split.get(), x, 4, true);
  EXPECT_NE(after, before);
  EXPECT_EQ(Loads(*whole.get(), x, 4, true), after);
}

TEST(SigmoidRouter, ItsBiasIsFrozenWithItsWeight) {
  const Tensor x = NearlyAlike();
  UnderTest<Router> router("router/sigmoid", "k: 1 update_rate: 1");
  const auto before = Loads(*router.get(), x, 0, true);
  for (int64_t step = 1; step < 5; ++step)
    EXPECT_EQ(Loads(*router.get(), x, step, true), before);
}

TEST(SigmoidRouter, WantsNoMoreExpertsThanThereAre) {
  EXPECT_FALSE(UnderTest<Router>("router/sigmoid", "k: 6").status().ok());
}

}  // namespace
}  // namespace archlab
