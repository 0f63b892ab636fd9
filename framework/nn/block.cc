// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/block.h"

#include <vector>

#include "archlab/check.h"
#include "archlab/ops.h"

namespace archlab {

Tensor ResidualBlock::Residual(const Tensor& x, const PartNorms& norms,
                               const std::string& name, Pass& pass,
                               const Part& part) const {
  const auto normed = [&](const Norm& norm, const char* role, const Tensor& h) {
    const Tensor y = norm.Forward(h);  // [B, T, C]
    pass.TapAt(name, role, y);
    return y;
  };
  switch (parts_.norm_place) {
    case NormPlace::kPre:
      return x + part(normed(*norms.norm, "_norm", x));  // [B, T, C]
    case NormPlace::kPost:
      return normed(*norms.norm, "_norm", x + part(x));  // [B, T, C]
    case NormPlace::kSandwich:
      return x + normed(*norms.out, "_out_norm",
                        part(normed(*norms.norm, "_norm", x)));  // [B, T, C]
  }
  return x;
}

Tensor ResidualBlock::Forward(const Tensor& x, const StackPass& stack,
                              LayerCache* cache) const {
  const ModuleScope scope(parts_.path);
  Pass& pass = stack.pass;
  struct Step {
    const PartNorms* norms;
    std::string name;  // path
    Part part;
  };
  std::vector<Step> steps;
  const auto add = [&](const PartNorms& norms, const char* name,
                       const Part& part) {
    steps.push_back({&norms, parts_.path + name,
                     [&pass, this, name, part](const Tensor& h) {
                       pass.SetModule(parts_.path, name);
                       const Tensor y = part(h);  // [B, T, C]
                       pass.TapAt(parts_.path, name, y);
                       return pass.Dropout(y, parts_.dropout,
                                           parts_.path + name + ".dropout");
                     }});
  };
  if (parts_.attention)
    add(parts_.sequence_norms, ".attention", [&](const Tensor& h) {
      return parts_.attention->Forward(h, stack.position, stack.keys, pass,
                                       cache);
    });
  if (parts_.mixer)
    add(parts_.sequence_norms, ".mixer", [&](const Tensor& h) {
      return parts_.mixer->Forward(h, stack.keys, pass, cache);
    });
  if (parts_.cross)
    add(parts_.cross_norms, ".cross_attention", [&](const Tensor& h) {
      return parts_.cross->ForwardCross(h, stack.memory->hidden,
                                        stack.cross_keys, pass, cache);
    });
  if (parts_.feed_forward)
    add(parts_.feed_forward_norms, ".feed_forward",
        [&](const Tensor& h) { return parts_.feed_forward->Forward(h, pass); });
  if (parts_.parallel)
    return Residual(x, *steps[0].norms, steps[0].name, pass,
                    [&steps](const Tensor& h) {
                      Tensor sum = steps[0].part(h);
                      for (size_t i = 1; i < steps.size(); ++i)
                        sum = sum + steps[i].part(h);
                      return sum;  // [B, T, C]
                    });
  Tensor y = x;  // [B, T, C]
  for (const Step& step : steps)
    y = Residual(y, *step.norms, step.name, pass, step.part);
  return y;
}

}  // namespace archlab
