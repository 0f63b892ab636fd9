// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Layer normalisation.
// Source: arXiv:1607.06450, section 3.

#include "archlab/norm.h"
#include "layer_norm.pb.h"

namespace archlab {

class LayerNormalization final : public Norm {
 public:
  using Config = norm::LayerNormConfig;
  LayerNormalization(const Config& config, const BuildContext& context)
      : epsilon_(config.epsilon()) {
    const Shape channels = {context.at().width};
    const ParameterTraits traits = {
        .decay = false, .matrix = false, .keep_f32 = true};
    if (config.gain())
      gain_ = context.AddParameter("weight", channels, Init::Ones(), traits);
    if (config.bias())
      bias_ = context.AddParameter("bias", channels, Init::Zeros(), traits);
  }

  Tensor Forward(const Tensor& x) const override {
    return LayerNorm(x, gain_.defined() ? gain_.value() : Tensor(),
                     bias_.defined() ? bias_.value() : Tensor(), epsilon_);
  }

 private:
  const double epsilon_;
  Parameter gain_, bias_;  // [N]
};

ARCHLAB_PLUGIN(LayerNormalization)

}  // namespace archlab
