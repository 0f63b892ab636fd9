// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A component of each kind to start from; see plugin_templates.h.

#include "cli/plugin_templates.h"

namespace archlab {
namespace {

constexpr KindTemplate kAttention = {
    "attention",
    "Attention",
    "A query sees the last `window` keys, itself included",
    "causal: true bidirectional: true cacheable: true score_bias: true",
    "#include <cstdint>\n#include <cstdlib>\n\n",
    R"(  // How far a query sees, itself included.
  optional int32 window = 1
      [default = 64, (archlab.range) = {min: 1}, (archlab.unit) = "tokens"];
)",
    R"(  @CLASS@(const Config& config, const archlab::BuildContext&)
      : window_(config.window()) {}

  // Direction, padding and document borders are the framework's.
  bool Sees(int64_t query, int64_t key) const override {
    return std::abs(query - key) < window_;
  }
  int64_t MaxDistance() const override { return window_ - 1; }

 private:
  const int64_t window_;  // tokens
)",
    "window: 3",
    R"(  archlab::UnderTest<archlab::Attention> part("@KIND@/@NAME@", "window: 3");
  EXPECT_TRUE(part->Sees(9, 7));
  EXPECT_FALSE(part->Sees(9, 6));
)"};

constexpr KindTemplate kNorm = {
    "norm",
    "Norm",
    "Divides each vector by its root mean square",
    "causal: true bidirectional: true cross: true cacheable: true "
    "linear_time: true",
    "",
    R"(  // Added to the mean square, so that zero stays zero.
  optional double epsilon = 1
      [default = 1e-5, (archlab.range) = {min: 0, exclusive_min: true}];
)",
    R"(  @CLASS@(const Config& config, const archlab::BuildContext&)
      : epsilon_(config.epsilon()) {}

  archlab::Tensor Forward(const archlab::Tensor& x) const override {
    const archlab::Tensor mean_square =
        archlab::Mean(archlab::Square(x), -1);  // [..., 1]
    return x / archlab::Sqrt(mean_square + epsilon_);
  }

 private:
  const double epsilon_;
)",
    "epsilon: 1e-3",
    R"(  archlab::UnderTest<archlab::Norm> part("@KIND@/@NAME@", "epsilon: 1e-12");
  const archlab::Tensor x =
      archlab::Tensor::From({2}, {3, -3}, archlab::DType::kF64);
  const archlab::Tensor y = part->Forward(x);
  EXPECT_NEAR(y.At(0), 1, 1e-9);
  EXPECT_NEAR(y.At(1), -1, 1e-9);
)"};

constexpr KindTemplate kFeedForward = {
    "feed_forward",
    "FeedForward",
    "Two linear layers with a GELU between them",
    "causal: true bidirectional: true cross: true cacheable: true "
    "linear_time: true",
    "#include <cstdint>\n\n",
    R"(  // Hidden channels as a multiple of the model width.
  optional int32 expansion = 1 [default = 4, (archlab.range) = {min: 1, max: 64}];
)",
    R"(  @CLASS@(const Config& config, const archlab::BuildContext& context)
      : width_(context.at().width),
        hidden_(config.expansion() * width_),
        in_(context.AddParameter(
            "in.weight", {hidden_, width_},
            archlab::Init::Normal(context.at().init_std))),
        out_(context.AddParameter(
            "out.weight", {width_, hidden_},
            archlab::Init::Normal(context.at().residual_init_std))) {}

  archlab::Tensor Forward(const archlab::Tensor& x,
                          archlab::ForwardContext&) const override {
    const archlab::Tensor hidden = archlab::GeluErf(
        archlab::Linear(x, in_.value(), archlab::Tensor()));  // [B, T, F]
    return archlab::Linear(hidden, out_.value(),
                           archlab::Tensor());  // [B, T, C]
  }
  double FlopsPerToken() const override { return 2.0 * 2 * width_ * hidden_; }

 private:
  const int64_t width_, hidden_;      // C, F
  const archlab::Parameter in_, out_;  // [F, C], [C, F]
)",
    "expansion: 2",
    R"(  archlab::UnderTest<archlab::FeedForward> part("@KIND@/@NAME@");
  const archlab::Tensor zero =
      archlab::Tensor::Zeros({1, 1, 16}, archlab::DType::kF64);
  const archlab::Tensor y = part->Forward(zero, part.Context(1, 1));
  for (double each : y.ToVector()) EXPECT_EQ(each, 0);
)"};

constexpr KindTemplate kPosition = {
    "position",
    "Position",
    "Takes `slope` from a score for each token between query and key",
    "causal: true bidirectional: true cacheable: true score_bias: true",
    "#include <cstdint>\n#include <cstdlib>\n#include <vector>\n\n",
    R"(  // What a token of distance costs.
  optional double slope = 1 [default = 0.1, (archlab.range) = {min: 0}];
)",
    R"(  @CLASS@(const Config& config, const archlab::BuildContext& context)
      : slope_(config.slope()),
        heads_(context.at().heads),
        dtype_(context.at().dtype == archlab::DType::kF64
                   ? archlab::DType::kF64
                   : archlab::DType::kF32) {}

  archlab::Tensor ScoreBias(int64_t reach) const override {
    std::vector<double> values;
    for (int64_t h = 0; h < heads_; ++h)
      for (int64_t d = -reach; d <= reach; ++d)
        values.push_back(-slope_ * std::abs(d));
    return archlab::Tensor::From({heads_, 2 * reach + 1}, values,
                                 dtype_);  // [H, 2 reach + 1]
  }

 private:
  const double slope_;
  const int64_t heads_;
  const archlab::DType dtype_;
)",
    "slope: 0.5",
    R"(  archlab::UnderTest<archlab::Position> part("@KIND@/@NAME@", "slope: 0.5");
  const archlab::Tensor bias = part->ScoreBias(2);
  EXPECT_EQ(bias.At(2), 0);
  EXPECT_EQ(bias.At(4), -1);
)"};

constexpr KindTemplate kSampler = {
    "sampler",
    "Sampler",
    "Multiplies the logits by `sharpness`",
    "",
    "#include <cstdint>\n\n",
    R"(  // Above 1: surer of itself. Below 1: more varied.
  optional double sharpness = 1
      [default = 1.2, (archlab.range) = {min: 0, max: 1000, exclusive_min: true}];
)",
    R"(  @CLASS@(const Config& config, const archlab::BuildContext&)
      : sharpness_(config.sharpness()) {}

  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    for (double& logit : logits) logit *= sharpness_;
  }

 private:
  const double sharpness_;
)",
    "sharpness: 2",
    R"(  archlab::UnderTest<archlab::Sampler> part("@KIND@/@NAME@", "sharpness: 2");
  std::vector<double> logits = {1, -3};
  part->Apply({}, absl::MakeSpan(logits));
  EXPECT_THAT(logits, ::testing::ElementsAre(2, -6));
)"};

constexpr const KindTemplate* kTemplates[] = {
    &kAttention, &kFeedForward,    &kMixerTemplate, &kNorm,
    &kPosition,  &kRouterTemplate, &kSampler};

}  // namespace

const KindTemplate* FindTemplate(absl::string_view kind) {
  for (const KindTemplate* each : kTemplates)
    if (kind == each->kind) return each;
  return nullptr;
}

std::vector<std::string> TemplateKinds() {
  std::vector<std::string> kinds;
  for (const KindTemplate* each : kTemplates) kinds.push_back(each->kind);
  return kinds;
}

}  // namespace archlab
