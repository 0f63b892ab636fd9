// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Dynamic tanh.
// Source: arXiv:2503.10622, section 4.

#include "archlab/norm.h"
#include "archlab/ops.h"
#include "dynamic_tanh.pb.h"

namespace archlab {

class DynamicTanh final : public Norm {
 public:
  using Config = norm::DynamicTanhConfig;
  DynamicTanh(const Config& config, const BuildContext& context) {
    const ParameterTraits traits = {
        .decay = false, .matrix = false, .keep_f32 = true};
    const int64_t width = context.at().width;
    alpha_ = context.AddParameter("alpha", {1}, Init::Constant(config.alpha()),
                                  traits);
    weight_ = context.AddParameter("weight", {width}, Init::Ones(), traits);
    if (config.bias())
      bias_ = context.AddParameter("bias", {width}, Init::Zeros(), traits);
  }

  Tensor Forward(const Tensor& x) const override {
    // Parameters are f32 in bf16 models too.
    const bool narrow = x.dtype() == DType::kBF16;
    const Tensor wide = narrow ? Cast(x, DType::kF32) : x;
    Tensor y = Tanh(wide * alpha_.value()) * weight_.value();  // [..., N]
    if (bias_.defined()) y = y + bias_.value();
    return narrow ? Cast(y, DType::kBF16) : y;
  }

 private:
  Parameter alpha_;          // [1]
  Parameter weight_, bias_;  // [N]
};

ARCHLAB_PLUGIN(DynamicTanh)

}  // namespace archlab
