// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The two-layer part against plain loops.

#include <cmath>
#include <functional>
#include <map>
#include <vector>

#include "archlab/feed_forward.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("feed_forward/mlp", "");
ARCHLAB_CONTRACT("feed_forward/mlp", "activation: RELU bias: true");
ARCHLAB_CONTRACT("feed_forward/mlp", "activation: GELU_TANH hidden: 7");
ARCHLAB_CONTRACT("feed_forward/mlp", "activation: RELU_SQUARED");
ARCHLAB_CONTRACT("feed_forward/mlp", "activation: SILU expansion: 1.3");

const std::map<std::string, std::function<double(double)>>& Activations() {
  static const auto& activations =
      *new std::map<std::string, std::function<double(double)>>{
          {"RELU", [](double x) { return x > 0 ? x : 0; }},
          {"GELU",
           [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }},
          {"GELU_TANH",
           [](double x) {
             const double inner = x + 0.044715 * x * x * x;
             return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * inner));
           }},
          {"RELU_SQUARED", [](double x) { return x > 0 ? x * x : 0; }},
          {"SILU", [](double x) { return x / (1 + std::exp(-x)); }},
      };
  return activations;
}

// weight [out, in] times x, plus bias.
std::vector<double> Product(const Tensor& weight, const Tensor& bias,
                            const std::vector<double>& x) {
  std::vector<double> y = bias.ToVector();
  for (int64_t o = 0; o < weight.dim(0); ++o)
    for (size_t i = 0; i < x.size(); ++i)
      y[o] += weight.At(o * x.size() + i) * x[i];
  return y;
}

TEST(Mlp, IsTwoProductsAndAnActivation) {
  for (const auto& [name, function] : Activations()) {
    UnderTest<FeedForward> mlp("feed_forward/mlp",
                               "bias: true activation: " + name);
    for (const std::string bias : {"in.bias", "out.bias"}) {
      Tensor value = mlp.ParameterValue(bias);
      for (int64_t i = 0; i < value.size(); ++i) value.Set(i, 0.1 * i - 0.5);
    }
    const Tensor x = TestTensor({1, 1, 16}, DType::kF64, 1);
    std::vector<double> hidden =
        Product(mlp.ParameterValue("in.weight"), mlp.ParameterValue("in.bias"),
                x.ToVector());
    for (double& h : hidden) h = function(h);
    const std::vector<double> expected =
        Product(mlp.ParameterValue("out.weight"),
                mlp.ParameterValue("out.bias"), hidden);
    const Tensor y = mlp->Forward(x, mlp.Context(1, 1));
    EXPECT_TRUE(Near(y, Tensor::From({1, 1, 16}, expected, DType::kF64), 1e-12))
        << name;
  }
}

TEST(Mlp, HasTheHiddenSizeOfTheConfig) {
  for (const auto& [config, hidden] : {std::pair{"", 64},
                                       {"expansion: 2.5", 40},
                                       {"expansion: 1.28", 20},
                                       {"expansion: 0.001", 1},
                                       {"hidden: 33 expansion: 2", 33}}) {
    const UnderTest<FeedForward> mlp("feed_forward/mlp", config);
    EXPECT_EQ(mlp.ParameterValue("in.weight").shape(), (Shape{hidden, 16}))
        << config;
    EXPECT_EQ(mlp.ParameterValue("out.weight").shape(), (Shape{16, hidden}));
    EXPECT_EQ(mlp->FlopsPerToken(), 4.0 * 16 * hidden);
  }
}

TEST(Mlp, ParametersStartAndDecayAsGpt2) {
  Surroundings at = TestSurroundings();
  at.width = 64;
  at.init_std = 0.02;
  at.residual_init_std = 0.005;
  const UnderTest<FeedForward> mlp("feed_forward/mlp", "bias: true", at);
  const auto deviation = [&](const std::string& name) {
    const Tensor weight = mlp.ParameterValue(name);
    double sum = 0;
    for (const double w : weight.ToVector()) sum += w * w;
    return std::sqrt(sum / weight.size());
  };
  EXPECT_NEAR(deviation("in.weight"), 0.02, 0.0006);
  EXPECT_NEAR(deviation("out.weight"), 0.005, 0.00015);
  EXPECT_EQ(deviation("in.bias"), 0);
  EXPECT_TRUE(mlp.TraitsOf("in.weight").decay);
  EXPECT_TRUE(mlp.TraitsOf("in.weight").matrix);
  EXPECT_FALSE(mlp.TraitsOf("in.bias").decay);
  EXPECT_FALSE(mlp.TraitsOf("out.bias").matrix);
}

}  // namespace
}  // namespace archlab
