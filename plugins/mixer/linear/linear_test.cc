// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Linear attention against sums over pairs.

#include <cmath>
#include <vector>

#include "archlab/mixer.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

Surroundings BothWays() {
  Surroundings at = TestSurroundings();
  at.causal = false;
  return at;
}

ARCHLAB_CONTRACT("mixer/linear", "");
ARCHLAB_CONTRACT("mixer/linear", "heads: 1 chunk: 1");
ARCHLAB_CONTRACT("mixer/linear", "heads: 2 chunk: 5");
ARCHLAB_CONTRACT("mixer/linear", "heads: 16", BothWays());

class Input final : public MixerInput {
 public:
  explicit Input(const Tensor& x) : x_(x) {}
  const Tensor& x() const override { return x_; }
  MixerState* state() const override { return nullptr; }
  const Tensor& segments() const override { return none_; }
  const Tensor& positions() const override { return none_; }
  Tensor Attend(const Tensor&, const Tensor&, const Tensor&,
                double) const override {
    return none_;
  }

 private:
  const Tensor x_, none_;
};

// The definition for one sequence: x [T][C], weights by name.
std::vector<double> Naive(const UnderTest<Mixer>& mixer, const Tensor& x,
                          int64_t heads, bool causal) {
  const int64_t tokens = x.dim(1), width = 16, dim = width / heads;
  const auto project = [&](const char* name) {
    return Linear(x, mixer.ParameterValue(name), Tensor()).ToVector();
  };
  const auto phi = [](double z) { return z > 0 ? z + 1 : std::exp(z); };
  const auto q = project("q.weight"), k = project("k.weight"),
             v = project("v.weight");
  std::vector<double> mixed(tokens * width);
  for (int64_t h = 0; h < heads; ++h)
    for (int64_t i = 0; i < tokens; ++i) {
      double total = 1e-6;
      for (int64_t j = 0; j < (causal ? i + 1 : tokens); ++j) {
        double weight = 0;
        for (int64_t d = h * dim; d < (h + 1) * dim; ++d)
          weight += phi(q[i * width + d]) * phi(k[j * width + d]);
        total += weight;
        for (int64_t d = h * dim; d < (h + 1) * dim; ++d)
          mixed[i * width + d] += weight * v[j * width + d];
      }
      for (int64_t d = h * dim; d < (h + 1) * dim; ++d)
        mixed[i * width + d] /= total;
    }
  return Linear(Tensor::From({tokens, width}, mixed, DType::kF64),
                mixer.ParameterValue("out.weight"), Tensor())
      .ToVector();
}

TEST(LinearMixer, IsTheSumOverPairs) {
  for (const bool causal : {true, false})
    for (const char* config : {"heads: 4", "heads: 4 chunk: 3"}) {
      Surroundings at = TestSurroundings();
      at.causal = causal;
      UnderTest<Mixer> mixer("mixer/linear", config, at);
      const Tensor x = TestTensor({1, 10, 16}, DType::kF64, 1);
      const Tensor y = mixer->Forward(Input(x), mixer.Context(1, 10));
      EXPECT_TRUE(Near(
          y.View({160}),
          Tensor::From({160}, Naive(mixer, x, 4, causal), DType::kF64), 1e-12))
          << config << (causal ? ", causal" : ", both ways");
    }
}

TEST(LinearMixer, StateDoesNotGrow) {
  const UnderTest<Mixer> mixer("mixer/linear", "heads: 4");
  EXPECT_EQ(mixer->StateBytes(10), mixer->StateBytes(100000));
  EXPECT_EQ(mixer->NewState(3)->bytes(), 3 * mixer->StateBytes(1));
}

TEST(LinearMixer, HeadsDivideTheWidth) {
  const UnderTest<Mixer> mixer("mixer/linear", "heads: 3");
  EXPECT_THAT(std::string(mixer.status().message()),
              testing::HasSubstr("must divide the model width, 16"));
}

}  // namespace
}  // namespace archlab
