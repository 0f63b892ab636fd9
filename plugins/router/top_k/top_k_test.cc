// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Choices, weights and losses of top-k routing against plain loops.

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "archlab/router.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("router/top_k", "");
ARCHLAB_CONTRACT("router/top_k", "k: 1 renormalise: false");
ARCHLAB_CONTRACT("router/top_k", "k: 5 balance_loss: 0 z_loss: 1");
ARCHLAB_CONTRACT("router/top_k", "k: 3 balance_loss: 1 z_loss: 0");

// Keeps the terms of the loss by the end of their names.
class LossContext final : public ForwardContext {
 public:
  LossContext() { training_ = true; }
  Random RandomAt(absl::string_view) const override { return Random(1, 2, 3); }
  void AddLoss(absl::string_view name, const Tensor& value) override {
    losses[std::string(name.substr(name.rfind('.') + 1))] = value.At(0);
  }
  void Log(absl::string_view, double) override {}
  void Tap(absl::string_view, const Tensor&) override {}
  std::map<std::string, double> losses;
};

// x weight^T: [N][E].
std::vector<std::vector<double>> Logits(const Tensor& x, const Tensor& weight) {
  const int64_t width = x.dim(1);
  std::vector<std::vector<double>> logits(x.dim(0));
  for (int64_t t = 0; t < x.dim(0); ++t)
    for (int64_t e = 0; e < weight.dim(0); ++e) {
      double sum = 0;
      for (int64_t c = 0; c < width; ++c)
        sum += x.At(t * width + c) * weight.At(e * width + c);
      logits[t].push_back(sum);
    }
  return logits;
}

// A share of one expert is 1 whatever its score: nothing could be learned.
TEST(TopK, OneExpertsWeightTrainsTheRouter) {
  UnderTest<Router> router("router/top_k", "k: 1");
  router.RequireGradients();
  LossContext context;
  const Routing routing =
      router->Route(TestTensor({6, 16}, DType::kF64, 2), {}, context);
  Backward(SumAll(routing.weights));
  const Tensor gradient = router.ParameterValue("weight").grad();
  ASSERT_TRUE(gradient.defined());
  EXPECT_FALSE(Near(gradient, gradient * 0.0, 1e-3));
}

TEST(TopK, LossesAreThoseOfThePapers) {
  UnderTest<Router> router("router/top_k", "k: 2 balance_loss: 3 z_loss: 5");
  const Tensor x = TestTensor({6, 16}, DType::kF64, 2);
  const std::vector<uint8_t> real = {1, 0, 1, 1, 1, 0};
  LossContext context;
  const Routing routing = router->Route(x, real, context);
  double z = 0;
  std::vector<double> mean(5), share(5);
  const auto logits = Logits(x, router.ParameterValue("weight"));
  for (int t = 0; t < 6; ++t) {
    if (!real[t]) continue;
    double total = 0;
    for (const double l : logits[t]) total += std::exp(l);
    z += std::pow(std::log(total), 2);
    std::vector<double> sorted = logits[t];
    std::sort(sorted.rbegin(), sorted.rend());
    for (int e = 0; e < 5; ++e) {
      mean[e] += std::exp(logits[t][e]) / total / 4;
      share[e] += (logits[t][e] >= sorted[1]) / 8.0;
    }
  }
  double balance = 0;
  for (int e = 0; e < 5; ++e) balance += 5 * mean[e] * share[e];
  // Sums over the four real tokens.
  EXPECT_NEAR(context.losses["balance_loss"], 3 * 4 * balance, 1e-12);
  EXPECT_NEAR(context.losses["z_loss"], 5 * z, 1e-12);
  for (int e = 0; e < 5; ++e)
    EXPECT_EQ(double(routing.begins[e + 1] - routing.begins[e]), 8 * share[e]);
}

TEST(TopK, WeightsAddUpToOneOrAreScores) {
  for (const bool renormalise : {true, false}) {
    UnderTest<Router> router("router/top_k",
                             renormalise ? "k: 2" : "k: 2 renormalise: false");
    const Tensor x = TestTensor({4, 16}, DType::kF64, 3);
    const Routing routing = router->Route(x, {}, router.Context(1, 4));
    const auto logits = Logits(x, router.ParameterValue("weight"));
    std::vector<double> sums(4), chosen(4), all(4);
    for (int e = 0; e < 5; ++e) {
      for (int t = 0; t < 4; ++t) all[t] += std::exp(logits[t][e]);
      for (int64_t i = routing.begins[e]; i < routing.begins[e + 1]; ++i) {
        sums[routing.tokens[i]] += routing.weights.At(i);
        chosen[routing.tokens[i]] += std::exp(logits[routing.tokens[i]][e]);
      }
    }
    for (int t = 0; t < 4; ++t)
      EXPECT_NEAR(sums[t], renormalise ? 1 : chosen[t] / all[t], 1e-12);
  }
}

TEST(TopK, WantsNoMoreExpertsThanThereAre) {
  const UnderTest<Router> router("router/top_k", "k: 6");
  EXPECT_THAT(std::string(router.status().message()),
              testing::HasSubstr("at most the number of experts, 5, but is 6"));
}

}  // namespace
}  // namespace archlab
