// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Root-mean-square normalisation.
// Source: arXiv:1910.07467, section 4.

#include "archlab/norm.h"
#include "rms_norm.pb.h"

namespace archlab {

class RmsNormalization final : public Norm {
 public:
  using Config = norm::RmsNormConfig;
  RmsNormalization(const Config& config, const BuildContext& context)
      : epsilon_(config.epsilon()) {
    if (config.gain())
      gain_ = context.AddParameter(
          "weight", {context.at().width}, Init::Ones(),
          {.decay = false, .matrix = false, .keep_f32 = true});
  }

  Tensor Forward(const Tensor& x) const override {
    return RmsNorm(x, gain_.defined() ? gain_.value() : Tensor(), epsilon_);
  }

 private:
  const double epsilon_;
  Parameter gain_;  // [N]
};

ARCHLAB_PLUGIN(RmsNormalization)

}  // namespace archlab
