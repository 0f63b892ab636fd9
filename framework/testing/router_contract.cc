// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every router keeps.

#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "archlab/router.h"
#include "testing/contract.h"

namespace archlab {
namespace {

constexpr int64_t kTokens = 24;

// A pass that keeps what is added to the loss.
class LossContext final : public ForwardContext {
 public:
  explicit LossContext(bool training) { training_ = training; }

  Random RandomAt(absl::string_view path) const override {
    return Random(7, 0, SiteHash(path));
  }
  void AddLoss(absl::string_view, const Tensor& value) override {
    EXPECT_EQ(value.size(), 1) << "a loss is a scalar";
    const Tensor scalar = Reshape(value, {1});
    losses = losses.defined() ? losses + scalar : scalar;
  }
  void Log(absl::string_view, double value) override {
    EXPECT_TRUE(std::isfinite(value));
  }
  void Tap(absl::string_view, const Tensor&) override {}

  Tensor losses;  // [1]; undefined: none
};

Tensor Tokens(const ContractCase& c, DType dtype, double scale = 1) {
  return TestTensor({kTokens, c.at.width}, dtype, 1, scale);
}

// The first and the last tokens, and one between, are padding.
std::vector<uint8_t> SomeReal() {
  std::vector<uint8_t> real(kTokens, 1);
  real[0] = real[1] = real[9] = real[kTokens - 1] = 0;
  return real;
}

// Experts and weights of each token.
using Choice = std::vector<std::pair<int64_t, double>>;
std::vector<Choice> ByToken(const Routing& routing, int64_t tokens) {
  std::vector<Choice> choices(tokens);
  for (size_t e = 0; e + 1 < routing.begins.size(); ++e)
    for (int64_t i = routing.begins[e]; i < routing.begins[e + 1]; ++i)
      choices[routing.tokens[i]].emplace_back(e, routing.weights.At(i));
  return choices;
}

void ExpectValid(const Routing& routing, int64_t experts, int64_t tokens) {
  ASSERT_EQ(int64_t(routing.begins.size()), experts + 1);
  ASSERT_EQ(routing.begins.front(), 0);
  ASSERT_EQ(routing.begins.back(), int64_t(routing.tokens.size()));
  EXPECT_GE(routing.dropped, 0);
  for (int64_t e = 0; e < experts; ++e) {
    ASSERT_LE(routing.begins[e], routing.begins[e + 1]);
    for (int64_t i = routing.begins[e]; i < routing.begins[e + 1]; ++i) {
      ASSERT_GE(routing.tokens[i], 0);
      ASSERT_LT(routing.tokens[i], tokens);
      if (i > routing.begins[e]) {
        EXPECT_LT(routing.tokens[i - 1], routing.tokens[i])
            << "tokens rise within an expert";
      }
    }
  }
  if (routing.tokens.empty()) return;
  ASSERT_EQ(routing.weights.shape(), Shape({int64_t(routing.tokens.size())}));
  for (const double weight : routing.weights.ToVector())
    ASSERT_TRUE(std::isfinite(weight));
}

void PairsAreUniqueAndInRange(const ContractCase& c) {
  for (const DType dtype : {DType::kF64, DType::kF32, DType::kBF16}) {
    auto router = c.Make<Router>(dtype);
    for (const bool training : {false, true})
      for (const double scale : {0.0, 1.0, 100.0}) {
        LossContext context(training);
        ExpectValid(router->Route(Tokens(c, dtype, scale), {}, context),
                    c.at.experts, kTokens);
        if (!context.losses.defined()) continue;
        EXPECT_TRUE(std::isfinite(context.losses.At(0)));
      }
  }
}

// Padding is routed nowhere, and what stands there changes nothing.
void PaddingChangesNothing(const ContractCase& c) {
  const std::vector<uint8_t> real = SomeReal();
  const Tensor x = Tokens(c, DType::kF64);
  Tensor spoiled = x.Clone();
  for (int64_t i = 0; i < x.size(); ++i)
    if (!real[i / c.at.width]) spoiled.Set(i, 50.0 - i);
  for (const bool training : {false, true}) {
    LossContext before(training), after(training);
    const Routing a = c.Make<Router>(DType::kF64)->Route(x, real, before);
    const Routing b = c.Make<Router>(DType::kF64)->Route(spoiled, real, after);
    ExpectValid(a, c.at.experts, kTokens);
    for (const int32_t token : a.tokens) EXPECT_TRUE(real[token]) << token;
    EXPECT_EQ(ByToken(a, kTokens), ByToken(b, kTokens));
    EXPECT_EQ(a.dropped, b.dropped);
    ASSERT_EQ(before.losses.defined(), after.losses.defined());
    if (before.losses.defined()) {
      EXPECT_EQ(before.losses.At(0), after.losses.At(0));
    }
  }
}

void NothingToRoute(const ContractCase& c) {
  auto router = c.Make<Router>(DType::kF32);
  LossContext context(true);
  const std::vector<uint8_t> real(kTokens, 0);
  const Routing routing = router->Route(Tokens(c, DType::kF32), real, context);
  EXPECT_TRUE(routing.tokens.empty());
  ExpectValid(routing, c.at.experts, kTokens);
  if (context.losses.defined()) {
    EXPECT_EQ(context.losses.At(0), 0);
  }
}

// Without a limit every token finds its experts, whatever the others do.
void TokensAreIndependent(const ContractCase& c) {
  if (c.traits().batch_coupled()) return;
  auto router = c.Make<Router>(DType::kF64);
  Tensor x = Tokens(c, DType::kF64);
  LossContext context(false);
  const Routing routing = router->Route(x, {}, context);
  EXPECT_EQ(routing.dropped, 0);
  EXPECT_EQ(double(routing.tokens.size()), router->ExpertsPerToken() * kTokens);
  const std::vector<Choice> before = ByToken(routing, kTokens);
  for (const Choice& choice : before) EXPECT_FALSE(choice.empty());
  for (int64_t i = 0; i < c.at.width; ++i) x.Set(5 * c.at.width + i, 3.0 - i);
  std::vector<Choice> after = ByToken(router->Route(x, {}, context), kTokens);
  EXPECT_NE(before[5], after[5]);
  after[5] = before[5];
  EXPECT_EQ(before, after);
}

// A batch twice has twice the loss: it is a sum over tokens.
void LossesAreSumsOverTokens(const ContractCase& c) {
  const Tensor x = Tokens(c, DType::kF64);
  LossContext once(true), twice(true);
  c.Make<Router>(DType::kF64)->Route(x, {}, once);
  c.Make<Router>(DType::kF64)->Route(Concat({x, x}, 0), {}, twice);
  ASSERT_EQ(once.losses.defined(), twice.losses.defined());
  if (!once.losses.defined()) return;
  EXPECT_NEAR(twice.losses.At(0), 2 * once.losses.At(0),
              1e-9 * std::abs(once.losses.At(0)));
}

// Gradients of the weights reach the tokens and the router's parameters.
void GradientsMatchDifferences(const ContractCase& c) {
  auto router = c.Make<Router>(DType::kF64);
  router.RequireGradients();
  Tensor x = Tokens(c, DType::kF64).SetRequiresGrad();
  std::vector<Tensor> leaves = {x};
  for (const std::string& name : router.ParameterNames())
    leaves.push_back(router.ParameterValue(name));
  const auto weights = [&] {
    LossContext context(false);
    return router->Route(x, SomeReal(), context).weights;
  };
  ASSERT_TRUE(weights().requires_grad());
  EXPECT_TRUE(GradientsMatch(weights, leaves));
  const auto losses = [&] {
    LossContext context(true);
    router->Route(x, SomeReal(), context);
    return context.losses;
  };
  if (losses().defined()) {
    EXPECT_TRUE(GradientsMatch(losses, leaves));
  }
}

void CountsExperts(const ContractCase& c) {
  const auto router = c.Make<Router>();
  EXPECT_GT(router->ExpertsPerToken(), 0);
  EXPECT_LE(router->ExpertsPerToken(), c.at.experts);
}

}  // namespace

Contract RouterContract() {
  return {{"PairsAreUniqueAndInRange", PairsAreUniqueAndInRange},
          {"PaddingChangesNothing", PaddingChangesNothing},
          {"NothingToRoute", NothingToRoute},
          {"TokensAreIndependent", TokensAreIndependent},
          {"LossesAreSumsOverTokens", LossesAreSumsOverTokens},
          {"GradientsMatchDifferences", GradientsMatchDifferences},
          {"CountsExperts", CountsExperts}};
}

}  // namespace archlab
