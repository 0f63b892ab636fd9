// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A mixer and a router to start from; see plugin_templates.h.

#include "cli/plugin_templates.h"

namespace archlab {

const KindTemplate kMixerTemplate = {
    "mixer",
    "Mixer",
    "Attention with one head, whose keys are its values",
    "causal: true bidirectional: true cacheable: true prefix: true",
    "#include <cmath>\n#include <cstdint>\n#include <memory>\n"
    "#include <vector>\n\n",
    R"(  // Width of queries and keys.
  optional int32 channels = 1
      [default = 16, (archlab.range) = {min: 1, max: 65536}, (archlab.unit) = "channels"];
)",
    R"(  @CLASS@(const Config& config, const archlab::BuildContext& context)
      : width_(context.at().width),
        channels_(config.channels()),
        dtype_bytes_(archlab::DTypeBytes(context.at().dtype)),
        q_(context.AddParameter("q.weight", {channels_, width_},
                                archlab::Init::Normal(context.at().init_std))),
        kv_(context.AddParameter("kv.weight", {channels_, width_},
                                 archlab::Init::Normal(context.at().init_std))),
        out_(context.AddParameter(
            "out.weight", {width_, channels_},
            archlab::Init::Normal(context.at().residual_init_std))) {}

  archlab::Tensor Forward(const archlab::MixerInput& input,
                          archlab::ForwardContext&) const override {
    const archlab::Tensor& x = input.x();      // [B, T, C]
    const archlab::Tensor q = OneHead(x, q_);  // [B, T, 1, D]
    archlab::Tensor kv = OneHead(x, kv_);      // [B, T, 1, D]
    if (input.state() != nullptr)
      kv = static_cast<State*>(input.state())->Append(kv);  // [B, Tk, 1, D]
    // Direction, padding and document borders are the framework's here. A mixer
    // that does not call Attend keeps them itself: see input.segments().
    const archlab::Tensor y = input.Attend(
        q, kv, kv, 1 / std::sqrt(double(channels_)));  // [B, T, 1, D]
    return archlab::Linear(archlab::Reshape(y, {x.dim(0), x.dim(1), channels_}),
                           out_.value(),
                           archlab::Tensor());  // [B, T, C]
  }

  std::unique_ptr<archlab::MixerState> NewState(int64_t) const override {
    return std::make_unique<State>();
  }

  double Flops(int64_t tokens) const override {
    return 2.0 * tokens * channels_ * (3 * width_ + 2 * tokens);
  }
  int64_t StateBytes(int64_t tokens) const override {
    return tokens * channels_ * dtype_bytes_;
  }

 private:
  // What decoding keeps: the keys so far.
  class State final : public archlab::MixerState {
   public:
    int64_t bytes() const override { return kv_.defined() ? kv_.bytes() : 0; }
    std::unique_ptr<archlab::MixerState> Gather(
        absl::Span<const int32_t> rows) const override {
      auto gathered = std::make_unique<State>();
      std::vector<archlab::Tensor> parts;
      for (const int32_t row : rows)
        if (kv_.defined()) parts.push_back(archlab::Slice(kv_, 0, row, 1));
      if (!parts.empty()) gathered->kv_ = archlab::Concat(parts, 0);
      return gathered;
    }
    // All keys, with the new ones last.
    archlab::Tensor Append(const archlab::Tensor& kv) {
      kv_ = kv_.defined() ? archlab::Concat({kv_, kv}, 1) : kv;
      return kv_;
    }

   private:
    archlab::Tensor kv_;  // [B, Tk, 1, D]; undefined at first
  };

  archlab::Tensor OneHead(const archlab::Tensor& x,
                          const archlab::Parameter& weight) const {
    return archlab::Reshape(
        archlab::Linear(x, weight.value(), archlab::Tensor()),
        {x.dim(0), x.dim(1), 1, channels_});  // [B, T, 1, D]
  }

  const int64_t width_, channels_, dtype_bytes_;  // C, D
  const archlab::Parameter q_, kv_, out_;         // [D, C], [D, C], [C, D]
)",
    "channels: 6",
    R"(  // One token has nothing but its own value to attend to.
  class OneToken final : public archlab::MixerInput {
   public:
    explicit OneToken(const archlab::Tensor& x) : x_(x) {}
    const archlab::Tensor& x() const override { return x_; }
    archlab::MixerState* state() const override { return nullptr; }
    const archlab::Tensor& segments() const override { return none_; }
    const archlab::Tensor& positions() const override { return none_; }
    archlab::Tensor Attend(const archlab::Tensor&, const archlab::Tensor&,
                           const archlab::Tensor& v, double) const override {
      return v;
    }

   private:
    const archlab::Tensor x_, none_;
  };
  archlab::UnderTest<archlab::Mixer> part("@KIND@/@NAME@");
  const archlab::Tensor x =
      archlab::TestTensor({1, 1, 16}, archlab::DType::kF64, 1);
  const archlab::Tensor value =
      archlab::Linear(x, part.ParameterValue("kv.weight"), archlab::Tensor());
  const archlab::Tensor expected = archlab::Linear(
      value, part.ParameterValue("out.weight"), archlab::Tensor());
  EXPECT_TRUE(archlab::Near(part->Forward(OneToken(x), part.Context(1, 1)),
                            expected, 1e-12));
)"};

const KindTemplate kRouterTemplate = {
    "router",
    "Router",
    "The expert with the largest softmax score sees a token",
    "causal: true bidirectional: true cross: true cacheable: true",
    "#include <algorithm>\n#include <cstdint>\n#include <string>\n"
    "#include <vector>\n\n",
    R"(  // Coefficient of the load-balance loss (arXiv:2101.03961, equation 4); 1 when
  // balanced.
  optional double balance_loss = 1 [default = 0.01, (archlab.range) = {min: 0, max: 1000}];
)",
    R"(  @CLASS@(const Config& config, const archlab::BuildContext& context)
      : experts_(context.at().experts),
        weight_(context.AddParameter(
            "weight", {experts_, context.at().width},
            archlab::Init::Normal(context.at().init_std), {.keep_f32 = true})),
        path_(context.path()),
        balance_loss_(config.balance_loss()) {}

  archlab::Routing Route(const archlab::Tensor& x,
                         absl::Span<const uint8_t> real,
                         archlab::ForwardContext& context) const override {
    const archlab::Tensor logits =
        archlab::Linear(x, weight_.value(), archlab::Tensor());  // [N, E]
    const archlab::Tensor scores = archlab::Softmax(logits);     // [N, E]
    // The choice has no gradient; the weights, which are scores, have one.
    const std::vector<double> values = scores.ToVector();
    std::vector<archlab::RoutingPair> pairs;
    for (int32_t t = 0; t < scores.dim(0); ++t) {
      if (!real.empty() && !real[t]) continue;  // padding
      const auto row = values.begin() + t * experts_;
      const auto best = std::max_element(row, row + experts_);
      pairs.push_back({t, static_cast<int32_t>(best - row)});
    }
    archlab::AddRouterLosses(logits, scores, pairs, real,
                             {.balance = balance_loss_}, path_, context);
    return archlab::GroupByExpert(pairs, scores);
  }

  double ExpertsPerToken() const override { return 1; }

 private:
  const int64_t experts_;            // E
  const archlab::Parameter weight_;  // [E, C]
  const std::string path_;
  const double balance_loss_;
)",
    "balance_loss: 0.1",
    R"(  archlab::UnderTest<archlab::Router> part("@KIND@/@NAME@");
  const archlab::Tensor x =
      archlab::TestTensor({4, 16}, archlab::DType::kF64, 1);
  const std::vector<uint8_t> real = {1, 1, 0, 1};
  const archlab::Routing routing = part->Route(x, real, part.Context(1, 4));
  EXPECT_THAT(routing.tokens, ::testing::UnorderedElementsAre(0, 1, 3));
  // The largest of five shares is at least a fifth.
  for (double weight : routing.weights.ToVector()) EXPECT_GE(weight, 0.2);
)"};

}  // namespace archlab
