// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Two linear layers with an activation between them.
// Source: arXiv:1706.03762, section 3.3.

#include <cmath>

#include "archlab/feed_forward.h"
#include "mlp.pb.h"

namespace archlab {
namespace {

using feed_forward::MlpConfig;

Tensor Activate(const Tensor& x, MlpConfig::Activation activation) {
  switch (activation) {
    case MlpConfig::RELU:
      return Relu(x);
    case MlpConfig::GELU:
      return GeluErf(x);
    case MlpConfig::GELU_TANH:
      return GeluTanh(x);
    case MlpConfig::RELU_SQUARED:
      return ReluSquared(x);
    case MlpConfig::SILU:
      return Silu(x);
  }
  return x;
}

}  // namespace

class Mlp final : public FeedForward {
 public:
  using Config = MlpConfig;
  Mlp(const Config& config, const BuildContext& context)
      : activation_(config.activation()),
        width_(context.at().width),
        hidden_(config.hidden() > 0
                    ? config.hidden()
                    : std::max(1LL, std::llround(config.expansion() *
                                                 double(width_)))),
        in_(context.AddParameter("in.weight", {hidden_, width_},
                                 Init::Normal(context.at().init_std))),
        out_(context.AddParameter(
            "out.weight", {width_, hidden_},
            Init::Normal(context.at().residual_init_std))) {
    if (!config.bias()) return;
    const ParameterTraits traits = {.decay = false, .matrix = false};
    in_bias_ =
        context.AddParameter("in.bias", {hidden_}, Init::Zeros(), traits);
    out_bias_ =
        context.AddParameter("out.bias", {width_}, Init::Zeros(), traits);
  }

  Tensor Forward(const Tensor& x, ForwardContext& context) const override {
    const Tensor in_bias = in_bias_.defined() ? in_bias_.value() : Tensor();
    const Tensor out_bias = out_bias_.defined() ? out_bias_.value() : Tensor();
    const Tensor hidden =
        Activate(Linear(x, in_.value(), in_bias), activation_);  // [B, T, F]
    context.Tap("hidden", hidden);
    return Linear(hidden, out_.value(), out_bias);  // [B, T, C]
  }

  double FlopsPerToken() const override { return 2.0 * 2 * width_ * hidden_; }

 private:
  const Config::Activation activation_;
  const int64_t width_, hidden_;
  const Parameter in_, out_;      // [F, C], [C, F]
  Parameter in_bias_, out_bias_;  // [F], [C]
};

ARCHLAB_PLUGIN(Mlp)

}  // namespace archlab
