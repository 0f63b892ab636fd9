// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Differences of softmaxes against plain loops.

#include <cmath>
#include <string>
#include <vector>

#include "archlab/attention.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("attention/differential", "");
ARCHLAB_CONTRACT("attention/differential", "lambda_init: 0.3 epsilon: 1e-3");

// Everything is seen.
class OpenInput final : public AttentionInput {
 public:
  OpenInput(Tensor q, Tensor k, Tensor v, ForwardContext& context)
      : q_(q), k_(k), v_(v), context_(context) {
    scale_ = 0.5;
  }
  const Tensor& q() const override { return q_; }
  const Tensor& k() const override { return k_; }
  const Tensor& v() const override { return v_; }
  const Tensor& x() const override { return q_; }
  Tensor MaskedSoftmax(const Tensor& scores) const override {
    return Softmax(scores * scale_);
  }
  Tensor Mask(const Tensor& scores, double) const override { return scores; }
  Tensor Tiled() const override { return Tensor(); }
  ForwardContext& context() const override { return context_; }

 private:
  const Tensor q_, k_, v_;
  ForwardContext& context_;
};

TEST(Differential, SubtractsTheSecondSoftmax) {
  Surroundings at = TestSurroundings();
  at.layer = 3;
  UnderTest<Attention> core("attention/differential", "", at);
  const int64_t tokens = 5, dim = 4, heads = 4;
  const Shape shape = {1, heads, tokens, dim};
  const Tensor q = TestTensor(shape, DType::kF64, 1);
  const Tensor k = TestTensor(shape, DType::kF64, 2);
  const Tensor v = TestTensor(shape, DType::kF64, 3);
  Tensor gain = core.ParameterValue("norm.gain");
  for (int64_t i = 0; i < gain.size(); ++i) gain.Set(i, 0.5 + 0.1 * i);
  const auto dot = [&](const char* a, const char* b) {
    double sum = 0;
    for (int64_t d = 0; d < dim; ++d)
      sum += core.ParameterValue(a).At(d) * core.ParameterValue(b).At(d);
    return sum;
  };
  const double init = 0.8 - 0.6 * std::exp(-0.3 * 3);
  const double lambda = std::exp(dot("lambda_q1", "lambda_k1")) -
                        std::exp(dot("lambda_q2", "lambda_k2")) + init;
  const auto weights = [&](int64_t h, int64_t i) {
    std::vector<double> p(tokens);
    double total = 0;
    for (int64_t j = 0; j < tokens; ++j) {
      double score = 0;
      for (int64_t d = 0; d < dim; ++d)
        score +=
            q.At((h * tokens + i) * dim + d) * k.At((h * tokens + j) * dim + d);
      total += p[j] = std::exp(0.5 * score);
    }
    for (double& each : p) each /= total;
    return p;
  };
  const Tensor y = core->Attend(OpenInput(q, k, v, core.Context(1, tokens)));
  for (int64_t pair = 0; pair < 2; ++pair)
    for (int64_t i = 0; i < tokens; ++i) {
      const auto first = weights(pair, i), second = weights(pair + 2, i);
      std::vector<double> sum(2 * dim);
      double square = 0;
      for (int64_t c = 0; c < 2 * dim; ++c) {
        const int64_t head = c < dim ? pair : pair + 2;
        for (int64_t j = 0; j < tokens; ++j)
          sum[c] += (first[j] - lambda * second[j]) *
                    v.At((head * tokens + j) * dim + c % dim);
        square += sum[c] * sum[c] / (2 * dim);
      }
      for (int64_t c = 0; c < 2 * dim; ++c) {
        const int64_t head = c < dim ? pair : pair + 2;
        EXPECT_NEAR(y.At((head * tokens + i) * dim + c % dim),
                    sum[c] / std::sqrt(square + 1e-5) * gain.At(c) * (1 - init),
                    1e-12);
      }
    }
}

TEST(Differential, NeedsPairsOfHeads) {
  Surroundings at = TestSurroundings();
  at.heads = 3;
  const UnderTest<Attention> core("attention/differential", "", at);
  EXPECT_THAT(std::string(core.status().message()),
              testing::HasSubstr("even number of heads, but there are 3"));
  at.heads = 4;
  at.kv_heads = 1;  // both softmaxes of a pair would have the same keys
  const UnderTest<Attention> shared("attention/differential", "", at);
  EXPECT_THAT(std::string(shared.status().message()),
              testing::HasSubstr("even number of kv_heads"));
}

}  // namespace
}  // namespace archlab
