// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Mixtures of heads: the core's heads, weighed.

#include <string>

#include "archlab/attention.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("attention/moe_heads",
                 "core { [attention/dense] {} } "
                 "router { [router/top_k] { k: 2 } }");
ARCHLAB_CONTRACT("attention/moe_heads",
                 "core { [attention/sliding_window] { window: 4 } } "
                 "router { [router/sigmoid] { k: 1 } } shared_heads: 1");

// The core's result is the given tensor.
class FixedInput final : public AttentionInput {
 public:
  FixedInput(Tensor x, Tensor y, ForwardContext& context)
      : x_(x), y_(y), context_(context) {}
  const Tensor& q() const override { return y_; }
  const Tensor& k() const override { return y_; }
  const Tensor& v() const override { return y_; }
  const Tensor& x() const override { return x_; }
  Tensor MaskedSoftmax(const Tensor& scores) const override { return scores; }
  Tensor Mask(const Tensor& scores, double) const override { return scores; }
  Tensor Tiled() const override { return y_; }
  ForwardContext& context() const override { return context_; }

 private:
  const Tensor x_, y_;
  ForwardContext& context_;
};

TEST(MoeHeads, WeighsEachHeadByItsScore) {
  UnderTest<Attention> core("attention/moe_heads",
                            "core { [attention/dense] {} } shared_heads: 1 "
                            "router { [router/top_k] { k: 3 } }");
  const Tensor x = TestTensor({2, 5, 16}, DType::kF64, 1);
  const Tensor inner = TestTensor({2, 4, 5, 4}, DType::kF64, 2);
  const Tensor y = core->Attend(FixedInput(x, inner, core.Context(2, 5)));
  const Tensor scores = Softmax(
      Linear(x, core.ParameterValue("router.weight"), Tensor()));  // [2, 5, 3]
  for (int64_t b = 0; b < 2; ++b)
    for (int64_t h = 0; h < 4; ++h)
      for (int64_t t = 0; t < 5; ++t)
        for (int64_t d = 0; d < 4; ++d) {
          const int64_t i = ((b * 4 + h) * 5 + t) * 4 + d;
          const double gate = h == 0 ? 1 : scores.At((b * 5 + t) * 3 + h - 1);
          EXPECT_NEAR(y.At(i), gate * inner.At(i), 1e-14);
        }
}

TEST(MoeHeads, HeadsThatAreNotChosenGiveNothing) {
  UnderTest<Attention> core("attention/moe_heads",
                            "core { [attention/dense] {} } "
                            "router { [router/top_k] { k: 2 } }");
  const Tensor x = TestTensor({1, 6, 16}, DType::kF64, 3);
  const Tensor ones = Tensor::Full({1, 4, 6, 4}, DType::kF64, 1);
  const Tensor y = core->Attend(FixedInput(x, ones, core.Context(1, 6)));
  const Tensor gates = Slice(y, 3, 0, 1);  // [1, 4, 6, 1]
  for (int64_t t = 0; t < 6; ++t) {
    double sum = 0;
    int chosen = 0;
    for (int64_t h = 0; h < 4; ++h) {
      sum += gates.At(h * 6 + t);
      chosen += gates.At(h * 6 + t) != 0;
    }
    EXPECT_NEAR(sum, 1, 1e-15);
    EXPECT_EQ(chosen, 2);
  }
}

TEST(MoeHeads, LeavesHeadsToTheRouter) {
  const UnderTest<Attention> core("attention/moe_heads",
                                  "core { [attention/dense] {} } "
                                  "router { [router/top_k] { k: 1 } } "
                                  "shared_heads: 4");
  EXPECT_THAT(std::string(core.status().message()),
              testing::HasSubstr("less than the number of heads, 4"));
}

}  // namespace
}  // namespace archlab
