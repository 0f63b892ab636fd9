// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Mixtures against their experts, one token at a time.

#include <map>
#include <string>
#include <vector>

#include "archlab/feed_forward.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("feed_forward/moe",
                 "experts: 3 expert { [feed_forward/mlp] { hidden: 6 } } "
                 "router { [router/top_k] { k: 2 } }");
ARCHLAB_CONTRACT("feed_forward/moe",
                 "experts: 4 expert { [feed_forward/glu] { hidden: 5 } } "
                 "router { [router/sigmoid] { k: 2 } } shared_experts: 2");
ARCHLAB_CONTRACT("feed_forward/moe",
                 "experts: 3 expert { [feed_forward/mlp] { hidden: 6 } } "
                 "router { [router/switch] {} }");

// Copies parameters of one component to those of another.
template <class From, class To>
void Copy(const From& from, const std::string& prefix, To& to) {
  for (const std::string& name : to.ParameterNames()) {
    const Tensor source = from.ParameterValue(prefix + name);
    Tensor target = to.ParameterValue(name);
    for (int64_t i = 0; i < source.size(); ++i) target.Set(i, source.At(i));
  }
}

TEST(Moe, OneExpertIsThatExpert) {
  for (const char* router :
       {"[router/top_k] { k: 1 }", "[router/sigmoid] { k: 1 }",
        "[router/expert_choice] { capacity_factor: 1 }",
        "[router/switch] { capacity_factor: 1 }"}) {
    UnderTest<FeedForward> moe(
        "feed_forward/moe",
        "experts: 1 expert { [feed_forward/glu] {} } router { " +
            std::string(router) + " }");
    UnderTest<FeedForward> expert("feed_forward/glu");
    Copy(moe, "expert.0.", expert);
    const Tensor x = TestTensor({2, 5, 16}, DType::kF64, 1);
    EXPECT_TRUE(Near(moe->Forward(x, moe.Context(2, 5, true)),
                     expert->Forward(x, expert.Context(2, 5)), 1e-14))
        << router;
    EXPECT_EQ(moe->FlopsPerToken(), expert->FlopsPerToken() + 2 * 16);
  }
}

TEST(Moe, AddsUpWeighedExperts) {
  UnderTest<FeedForward> moe(
      "feed_forward/moe",
      "experts: 4 expert { [feed_forward/mlp] { hidden: 7 } } "
      "router { [router/top_k] { k: 4 } } shared_experts: 1");
  std::vector<UnderTest<FeedForward>> experts;
  for (const char* prefix :
       {"expert.0.", "expert.1.", "expert.2.", "expert.3.", "shared.0."}) {
    experts.emplace_back("feed_forward/mlp", "hidden: 7");
    Copy(moe, prefix, experts.back());
  }
  const Tensor x = TestTensor({2, 3, 16}, DType::kF64, 2);
  const Tensor scores = Softmax(
      Linear(x, moe.ParameterValue("router.weight"), Tensor()));  // [2, 3, 4]
  Tensor expected = experts[4]->Forward(x, experts[4].Context(2, 3));
  for (int e = 0; e < 4; ++e)
    expected = expected + experts[e]->Forward(x, experts[e].Context(2, 3)) *
                              Slice(scores, 2, e, 1);
  EXPECT_TRUE(Near(moe->Forward(x, moe.Context(2, 3)), expected, 1e-13));
}

// A pass with padding that keeps what is logged.
class LogContext final : public ForwardContext {
 public:
  explicit LogContext(const Tensor& segments) {
    training_ = true;
    segments_ = segments;
    positions_ = Tensor::Zeros(segments.shape(), DType::kI32);
  }
  Random RandomAt(absl::string_view) const override { return Random(1, 2, 3); }
  void AddLoss(absl::string_view, const Tensor&) override {}
  void Log(absl::string_view name, double value) override {
    logs[std::string(name.substr(name.rfind('.') + 1))] = value;
  }
  void Tap(absl::string_view, const Tensor&) override {}
  std::map<std::string, double> logs;
};

TEST(Moe, DroppedTokensAndPaddingGetNothing) {
  UnderTest<FeedForward> moe(
      "feed_forward/moe",
      "experts: 2 expert { [feed_forward/mlp] { hidden: 7 } } "
      "router { [router/switch] { capacity_factor: 1 } }");
  const Tensor x = Expand(TestTensor({1, 1, 16}, DType::kF64, 3), {1, 6, 16});
  LogContext context(Tensor::FromI32({1, 6}, {-1, 0, 0, 0, 0, -1}));
  const Tensor y = moe->Forward(x, context);
  // Four tokens want one expert, which has room for two.
  for (const int64_t t : {0, 3, 4, 5})
    for (int64_t c = 0; c < 16; ++c) EXPECT_EQ(y.At(t * 16 + c), 0) << t;
  for (const int64_t t : {1, 2}) EXPECT_NE(y.At(t * 16), 0) << t;
  EXPECT_EQ(context.logs["drop_rate"], 0.5);
  EXPECT_EQ(context.logs["dead_experts"], 1);
  EXPECT_EQ(context.logs["load_entropy"], 0);
}

TEST(Moe, BalancedLoadHasEntropyOne) {
  UnderTest<FeedForward> moe("feed_forward/moe",
                             "experts: 3 expert { [feed_forward/mlp] {} } "
                             "router { [router/expert_choice] {} }");
  LogContext context(Tensor::Zeros({2, 6}, DType::kI32));
  moe->Forward(TestTensor({2, 6, 16}, DType::kF64, 4), context);
  EXPECT_NEAR(context.logs["load_entropy"], 1, 1e-12);
  EXPECT_EQ(context.logs["drop_rate"], 0);
  EXPECT_EQ(context.logs["dead_experts"], 0);
}

TEST(Moe, OnlyPaddingGivesZeros) {
  UnderTest<FeedForward> moe(
      "feed_forward/moe",
      "expert { [feed_forward/mlp] {} } router { [router/top_k] {} }");
  LogContext context(Tensor::Full({1, 4}, DType::kI32, -1));
  const Tensor y =
      moe->Forward(TestTensor({1, 4, 16}, DType::kF64, 5), context);
  for (const double element : y.ToVector()) EXPECT_EQ(element, 0);
}

TEST(Moe, WantsAFeedForwardAndARouter) {
  EXPECT_FALSE(UnderTest<FeedForward>("feed_forward/moe",
                                      "expert { [router/top_k] {} } "
                                      "router { [router/top_k] {} }")
                   .status()
                   .ok());
}

}  // namespace
}  // namespace archlab
