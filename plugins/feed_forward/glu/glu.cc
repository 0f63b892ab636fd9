// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Gated linear unit: out(in(x) * g(gate(x))).
// Source: arXiv:2002.05202, section 2.

#include <cmath>

#include "archlab/feed_forward.h"
#include "glu.pb.h"

namespace archlab {
namespace {

using feed_forward::GluConfig;

// in * g(gate), [B, T, F].
Tensor Apply(const Tensor& in, const Tensor& gate, GluConfig::Gate function) {
  switch (function) {
    case GluConfig::SILU:
      return Gated(in, gate, Gate::kSilu);
    case GluConfig::GELU:
      return in * GeluErf(gate);
    case GluConfig::RELU:
      return Gated(in, gate, Gate::kRelu);
    case GluConfig::SIGMOID:
      return Gated(in, gate, Gate::kSigmoid);
    case GluConfig::GELU_TANH:
      return Gated(in, gate, Gate::kGelu);
  }
  return in;
}

// Hidden channels F.
int64_t Hidden(const GluConfig& config, int64_t width) {
  if (config.hidden() > 0) return config.hidden();
  const int64_t exact =
      std::max(1LL, std::llround(config.expansion() * double(width)));
  const int64_t multiple = config.multiple_of();
  return (exact + multiple - 1) / multiple * multiple;
}

}  // namespace

class Glu final : public FeedForward {
 public:
  using Config = GluConfig;
  Glu(const Config& config, const BuildContext& context)
      : function_(config.gate()),
        width_(context.at().width),
        hidden_(Hidden(config, width_)),
        gate_(context.AddParameter("gate.weight", {hidden_, width_},
                                   Init::Normal(context.at().init_std))),
        in_(context.AddParameter("in.weight", {hidden_, width_},
                                 Init::Normal(context.at().init_std))),
        out_(context.AddParameter(
            "out.weight", {width_, hidden_},
            Init::Normal(context.at().residual_init_std))) {
    if (!config.bias()) return;
    const ParameterTraits traits = {.decay = false, .matrix = false};
    gate_bias_ =
        context.AddParameter("gate.bias", {hidden_}, Init::Zeros(), traits);
    in_bias_ =
        context.AddParameter("in.bias", {hidden_}, Init::Zeros(), traits);
    out_bias_ =
        context.AddParameter("out.bias", {width_}, Init::Zeros(), traits);
  }

  Tensor Forward(const Tensor& x, ForwardContext& context) const override {
    const bool bias = in_bias_.defined();
    const Tensor gate =
        Linear(x, gate_.value(),
               bias ? gate_bias_.value() : Tensor());  // [B,T,F]
    const Tensor in =
        Linear(x, in_.value(), bias ? in_bias_.value() : Tensor());  // [B,T,F]
    const Tensor hidden = Apply(in, gate, function_);                // [B,T,F]
    context.Tap("hidden", hidden);
    return Linear(hidden, out_.value(),
                  bias ? out_bias_.value() : Tensor());  // [B,T,C]
  }

  double FlopsPerToken() const override { return 2.0 * 3 * width_ * hidden_; }

 private:
  const Config::Gate function_;
  const int64_t width_, hidden_;
  const Parameter gate_, in_, out_;           // [F, C], [F, C], [C, F]
  Parameter gate_bias_, in_bias_, out_bias_;  // [F], [F], [C]
};

ARCHLAB_PLUGIN(Glu)

}  // namespace archlab
