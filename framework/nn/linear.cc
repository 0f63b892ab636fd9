// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/linear.h"

namespace archlab {

LinearLayer::LinearLayer(const BuildContext& context, const std::string& name,
                         int64_t in, int64_t out, bool bias, double init_std,
                         ParameterTraits traits)
    : in_(in), out_(out) {
  weight_ = context.AddParameter(name + ".weight", {out, in},
                                 Init::Normal(init_std), traits);
  if (bias)
    bias_ = context.AddParameter(name + ".bias", {out}, Init::Zeros(),
                                 {.decay = false, .matrix = false});
}

Tensor LinearLayer::Forward(const Tensor& x) const {
  return Linear(x, weight_.value(), bias());
}

Tensor LinearLayer::ForwardWide(const Tensor& x) const {
  return LinearWide(x, weight_.value(), bias());
}

}  // namespace archlab
