// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The best keys, and only they.

#include <algorithm>
#include <cmath>
#include <vector>

#include "archlab/attention.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("attention/top_k", "");
ARCHLAB_CONTRACT("attention/top_k", "k: 3");
ARCHLAB_CONTRACT("attention/top_k", "k: 1");

// Keys up to the query's place.
class CausalInput final : public AttentionInput {
 public:
  CausalInput(Tensor q, Tensor k, Tensor v, ForwardContext& context)
      : q_(q), k_(k), v_(v), context_(context) {
    scale_ = 0.5;
    mask_ = Tensor::Zeros({q.dim(2), k.dim(2)}, DType::kI32);
    for (int64_t i = 0; i < q.dim(2); ++i)
      for (int64_t j = 0; j <= i; ++j) mask_.Set(i * k.dim(2) + j, 1);
  }
  const Tensor& q() const override { return q_; }
  const Tensor& k() const override { return k_; }
  const Tensor& v() const override { return v_; }
  const Tensor& x() const override { return q_; }
  Tensor MaskedSoftmax(const Tensor& scores) const override {
    return Softmax(Mask(scores * scale_, -1e300));
  }
  Tensor Mask(const Tensor& scores, double value) const override {
    return MaskFill(scores, mask_, value);
  }
  Tensor Tiled() const override { return Tensor(); }
  ForwardContext& context() const override { return context_; }

 private:
  const Tensor q_, k_, v_;
  Tensor mask_;
  ForwardContext& context_;
};

TEST(TopKAttention, IsASoftmaxOverTheBestKeys) {
  for (const int k : {1, 2, 4, 9}) {
    UnderTest<Attention> core("attention/top_k", "k: " + std::to_string(k));
    const int64_t tokens = 7, dim = 4;
    const Shape shape = {1, 1, tokens, dim};
    const Tensor q = TestTensor(shape, DType::kF64, 1);
    const Tensor keys = TestTensor(shape, DType::kF64, 2);
    const Tensor v = TestTensor(shape, DType::kF64, 3);
    const Tensor y =
        core->Attend(CausalInput(q, keys, v, core.Context(1, tokens)));
    for (int64_t i = 0; i < tokens; ++i) {
      std::vector<double> scores;
      for (int64_t j = 0; j <= i; ++j) {
        scores.push_back(0);
        for (int64_t d = 0; d < dim; ++d)
          scores.back() += q.At(i * dim + d) * keys.At(j * dim + d);
      }
      std::vector<double> sorted = scores;
      std::sort(sorted.rbegin(), sorted.rend());
      const double least = sorted[std::min<int64_t>(k, i + 1) - 1];
      double total = 0;
      std::vector<double> expected(dim);
      for (int64_t j = 0; j <= i; ++j) {
        if (scores[j] < least) continue;
        const double p = std::exp(0.5 * scores[j]);
        total += p;
        for (int64_t d = 0; d < dim; ++d) expected[d] += p * v.At(j * dim + d);
      }
      for (int64_t d = 0; d < dim; ++d)
        EXPECT_NEAR(y.At(i * dim + d), expected[d] / total, 1e-12);
    }
  }
}

TEST(TopKAttention, OfEqualScoresTheEarlierWin) {
  UnderTest<Attention> core("attention/top_k", "k: 2");
  const Tensor same = Tensor::Full({1, 1, 5, 4}, DType::kF64, 1);
  const Tensor v = TestTensor({1, 1, 5, 4}, DType::kF64, 3);
  const Tensor y = core->Attend(CausalInput(same, same, v, core.Context(1, 5)));
  for (int64_t d = 0; d < 4; ++d)
    EXPECT_NEAR(y.At(16 + d), (v.At(d) + v.At(4 + d)) / 2, 1e-15);
}

}  // namespace
}  // namespace archlab
