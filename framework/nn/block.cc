// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/block.h"

#include <vector>

#include "archlab/check.h"
#include "archlab/ops.h"

namespace archlab {

Tensor ResidualBlock::Residual(const Tensor& x, const PartNorms& norms,
                               const Part& part) const {
  switch (parts_.norm_place) {
    case NormPlace::kPre:
      return x + part(norms.norm->Forward(x));  // [B, T, C]
    case NormPlace::kPost:
      return norms.norm->Forward(x + part(x));  // [B, T, C]
    case NormPlace::kSandwich:
      return x + norms.out->Forward(part(norms.norm->Forward(x)));  // [B, T, C]
  }
  return x;
}

Tensor ResidualBlock::Forward(const Tensor& x, const StackPass& stack,
                              LayerCache* cache) const {
  const ModuleScope scope(parts_.path);
  Pass& pass = stack.pass;
  struct Step {
    const PartNorms* norms;
    Part part;
  };
  std::vector<Step> steps;
  const auto add = [&](const PartNorms& norms, const char* name, Part part) {
    steps.push_back({&norms, [&pass, this, name, part](const Tensor& h) {
                       return pass.Dropout(part(h), parts_.dropout,
                                           parts_.path + name);
                     }});
  };
  if (parts_.attention)
    add(parts_.sequence_norms, ".attention.dropout", [&](const Tensor& h) {
      return parts_.attention->Forward(h, stack.position, stack.keys, pass,
                                       cache);
    });
  if (parts_.mixer)
    add(parts_.sequence_norms, ".mixer.dropout", [&](const Tensor& h) {
      return parts_.mixer->Forward(h, stack.keys, pass, cache);
    });
  if (parts_.cross)
    add(parts_.cross_norms, ".cross_attention.dropout", [&](const Tensor& h) {
      return parts_.cross->ForwardCross(h, stack.memory->hidden,
                                        stack.cross_keys, pass, cache);
    });
  if (parts_.feed_forward)
    add(parts_.feed_forward_norms, ".feed_forward.dropout",
        [&](const Tensor& h) { return parts_.feed_forward->Forward(h, pass); });
  if (parts_.parallel)
    return Residual(x, *steps[0].norms, [&steps](const Tensor& h) {
      Tensor sum = steps[0].part(h);
      for (size_t i = 1; i < steps.size(); ++i) sum = sum + steps[i].part(h);
      return sum;  // [B, T, C]
    });
  Tensor y = x;  // [B, T, C]
  for (const Step& step : steps) y = Residual(y, *step.norms, step.part);
  return y;
}

}  // namespace archlab
