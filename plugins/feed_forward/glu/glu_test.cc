// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Gated linear units against plain loops.

#include <cmath>
#include <functional>
#include <map>
#include <vector>

#include "archlab/feed_forward.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("feed_forward/glu", "");
ARCHLAB_CONTRACT("feed_forward/glu", "gate: GELU bias: true hidden: 10");
ARCHLAB_CONTRACT("feed_forward/glu", "gate: RELU hidden: 9");
ARCHLAB_CONTRACT("feed_forward/glu", "gate: GELU_TANH");
ARCHLAB_CONTRACT("feed_forward/glu", "gate: SIGMOID multiple_of: 1");

const std::map<std::string, std::function<double(double)>>& Gates() {
  static const auto& gates =
      *new std::map<std::string, std::function<double(double)>>{
          {"SILU", [](double x) { return x / (1 + std::exp(-x)); }},
          {"GELU",
           [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }},
          {"RELU", [](double x) { return x > 0 ? x : 0; }},
          {"GELU_TANH",
           [](double x) {
             const double inner = x + 0.044715 * x * x * x;
             return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * inner));
           }},
          {"SIGMOID", [](double x) { return 1 / (1 + std::exp(-x)); }},
      };
  return gates;
}

// weight [out, in] times x.
std::vector<double> Product(const Tensor& weight,
                            const std::vector<double>& x) {
  std::vector<double> y(weight.dim(0), 0);
  for (int64_t o = 0; o < weight.dim(0); ++o)
    for (size_t i = 0; i < x.size(); ++i)
      y[o] += weight.At(o * x.size() + i) * x[i];
  return y;
}

TEST(Glu, GatesTheHiddenChannels) {
  for (const auto& [name, function] : Gates()) {
    UnderTest<FeedForward> glu("feed_forward/glu", "gate: " + name);
    const Tensor x = TestTensor({1, 1, 16}, DType::kF64, 1);
    std::vector<double> hidden =
        Product(glu.ParameterValue("in.weight"), x.ToVector());
    const std::vector<double> gate =
        Product(glu.ParameterValue("gate.weight"), x.ToVector());
    for (size_t i = 0; i < hidden.size(); ++i) hidden[i] *= function(gate[i]);
    const std::vector<double> expected =
        Product(glu.ParameterValue("out.weight"), hidden);
    const Tensor y = glu->Forward(x, glu.Context(1, 1));
    EXPECT_TRUE(Near(y, Tensor::From({1, 1, 16}, expected, DType::kF64), 1e-12))
        << name;
  }
}

TEST(Glu, HasTheHiddenSizeOfTheConfig) {
  for (const auto& [config, hidden] : {std::pair{"", 64},
                                       {"multiple_of: 1", 43},
                                       {"expansion: 4.1", 128},
                                       {"hidden: 5", 5},
                                       {"multiple_of: 10", 50}}) {
    const UnderTest<FeedForward> glu("feed_forward/glu", config);
    EXPECT_EQ(glu.ParameterValue("in.weight").shape(), (Shape{hidden, 16}))
        << config;
    EXPECT_EQ(glu.ParameterValue("gate.weight").shape(), (Shape{hidden, 16}));
    EXPECT_EQ(glu.ParameterValue("out.weight").shape(), (Shape{16, hidden}));
    EXPECT_EQ(glu->FlopsPerToken(), 6.0 * 16 * hidden);
  }
}

TEST(Glu, BiasesDoNotDecay) {
  const UnderTest<FeedForward> glu("feed_forward/glu", "bias: true");
  for (const std::string name : {"gate.bias", "in.bias", "out.bias"}) {
    EXPECT_FALSE(glu.TraitsOf(name).decay);
    for (const double b : glu.ParameterValue(name).ToVector()) EXPECT_EQ(b, 0);
  }
}

}  // namespace
}  // namespace archlab
