// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/block.h"

#include "archlab/check.h"
#include "archlab/ops.h"

namespace archlab {

template <class Part>
Tensor ResidualBlock::Residual(const Tensor& x, const Norm& norm,
                               const Part& part) const {
  if (parts_.post_norm) return norm.Forward(x + part(x));  // [B, T, C]
  return x + part(norm.Forward(x));                        // [B, T, C]
}

Tensor ResidualBlock::Forward(const Tensor& x, const Position& position,
                              const KeyFrame& keys, Pass& pass,
                              LayerCache* cache) const {
  const ModuleScope scope(parts_.path);
  auto attend = [&](const Tensor& h) {
    return pass.Dropout(
        parts_.attention->Forward(h, position, keys, pass, cache),
        parts_.dropout, parts_.path + ".attention.dropout");
  };
  auto feed = [&](const Tensor& h) {
    return pass.Dropout(parts_.feed_forward->Forward(h, pass), parts_.dropout,
                        parts_.path + ".feed_forward.dropout");
  };
  if (!parts_.feed_forward) return Residual(x, *parts_.attention_norm, attend);
  if (!parts_.attention) return Residual(x, *parts_.feed_forward_norm, feed);
  if (parts_.parallel)
    return Residual(x, *parts_.attention_norm,
                    [&](const Tensor& h) { return attend(h) + feed(h); });
  const Tensor y = Residual(x, *parts_.attention_norm, attend);
  return Residual(y, *parts_.feed_forward_norm, feed);
}

}  // namespace archlab
