// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/block.h"

#include <utility>

#include "archlab/check.h"
#include "archlab/ops.h"

namespace archlab {

ResidualBlock::ResidualBlock(BlockParts parts) : parts_(std::move(parts)) {
  if (parts_.attention)
    AddPart(".attention", parts_.sequence_norms, &ResidualBlock::Attend);
  if (parts_.mixer)
    AddPart(".mixer", parts_.sequence_norms, &ResidualBlock::Mix);
  if (parts_.cross)
    AddPart(".cross_attention", parts_.cross_norms,
            &ResidualBlock::AttendAcross);
  if (parts_.feed_forward)
    AddPart(".feed_forward", parts_.feed_forward_norms, &ResidualBlock::FeedOn);
}

void ResidualBlock::AddPart(const char* name, const PartNorms& norms,
                            Function run) {
  steps_.push_back({name, &norms, run, parts_.path + name});
}

Tensor ResidualBlock::Attend(const Tensor& h, const StackPass& stack,
                             LayerCache* cache) const {
  return parts_.attention->Forward(h, stack.position, stack.keys, stack.pass,
                                   cache);
}

Tensor ResidualBlock::Mix(const Tensor& h, const StackPass& stack,
                          LayerCache* cache) const {
  return parts_.mixer->Forward(h, stack.keys, stack.pass, cache);
}

Tensor ResidualBlock::AttendAcross(const Tensor& h, const StackPass& stack,
                                   LayerCache* cache) const {
  return parts_.cross->ForwardCross(h, stack.memory->hidden, stack.cross_keys,
                                    stack.pass, cache);
}

Tensor ResidualBlock::FeedOn(const Tensor& h, const StackPass& stack,
                             LayerCache* /*cache*/) const {
  return parts_.feed_forward->Forward(h, stack.pass);
}

Tensor ResidualBlock::Run(const Part& part, const Tensor& x,
                          const StackPass& stack, LayerCache* cache) const {
  stack.pass.SetModule(parts_.path, part.name);
  const Tensor y = (this->*part.run)(x, stack, cache);  // [B, T, C]
  stack.pass.TapAt(parts_.path, part.name, y);
  return stack.pass.Dropout(y, parts_.dropout, part.path, ".dropout");
}

Tensor ResidualBlock::Residual(const Tensor& x, const Part& part, Pass& pass,
                               Inner f) const {
  const PartNorms& norms = *part.norms;
  const auto normed = [&](const Norm& norm, const char* role, const Tensor& h) {
    const Tensor y = norm.Forward(h);  // [B, T, C]
    pass.TapAt(part.path, role, y);
    return y;
  };
  switch (parts_.norm_place) {
    case NormPlace::kPre:
      return x + f(normed(*norms.norm, "_norm", x));  // [B, T, C]
    case NormPlace::kPost:
      return normed(*norms.norm, "_norm", x + f(x));  // [B, T, C]
    case NormPlace::kSandwich:
      return x + normed(*norms.out, "_out_norm",
                        f(normed(*norms.norm, "_norm", x)));  // [B, T, C]
  }
  return x;
}

Tensor ResidualBlock::Forward(const Tensor& x, const StackPass& stack,
                              LayerCache* cache) const {
  const ModuleScope scope(parts_.path);
  if (parts_.parallel)
    return Residual(x, steps_[0], stack.pass, [&](const Tensor& h) {
      Tensor sum = Run(steps_[0], h, stack, cache);
      for (size_t i = 1; i < steps_.size(); ++i)
        sum = sum + Run(steps_[i], h, stack, cache);
      return sum;  // [B, T, C]
    });
  Tensor y = x;  // [B, T, C]
  for (const Part& part : steps_)
    y = Residual(y, part, stack.pass,
                 [&](const Tensor& h) { return Run(part, h, stack, cache); });
  return y;
}

}  // namespace archlab
