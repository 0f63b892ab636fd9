// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// FeedForward: the position-wise part of a block.

#ifndef ARCHLAB_FEED_FORWARD_H_
#define ARCHLAB_FEED_FORWARD_H_

#include "archlab/component.h"
#include "archlab/ops.h"
#include "archlab/plugin.h"

namespace archlab {

class FeedForward : public Component {
 public:
  static constexpr char kKind[] = "feed_forward";
  static constexpr int kInterfaceRevision = 1;

  // x [B, T, C] -> [B, T, C]; row (b, t) of the result depends on row (b, t) of
  // x only (mixtures of experts with capacity excepted, and documented).
  virtual Tensor Forward(const Tensor& x, ForwardContext& context) const = 0;

  // Floating-point operations of one token, forward, 2 a multiply-add.
  virtual double FlopsPerToken() const = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_FEED_FORWARD_H_
