// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// LinearLayer: x W^T + b, with its parameters "NAME.weight" [out, in] and
// "NAME.bias" [out].

#ifndef ARCHLAB_LINEAR_H_
#define ARCHLAB_LINEAR_H_

#include <cstdint>

#include "archlab/component.h"
#include "archlab/ops.h"

namespace archlab {

class LinearLayer {
 public:
  LinearLayer() = default;
  LinearLayer(const BuildContext& context, const std::string& name, int64_t in,
              int64_t out, bool bias, double init_std,
              ParameterTraits traits = {});

  // x [..., in] -> [..., out].
  Tensor Forward(const Tensor& x) const;
  // The same in f32 where the model is bf16: for logits.
  Tensor ForwardWide(const Tensor& x) const;

  double FlopsPerToken() const { return 2.0 * in_ * out_; }

 private:
  Tensor bias() const { return bias_.defined() ? bias_.value() : Tensor(); }

  int64_t in_ = 0, out_ = 0;
  Parameter weight_, bias_;
};

}  // namespace archlab

#endif  // ARCHLAB_LINEAR_H_
