// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Position: order. A component adds to the embeddings, rotates q and k, or
// biases the scores; it overrides one of the three.

#ifndef ARCHLAB_POSITION_H_
#define ARCHLAB_POSITION_H_

#include <cstdint>

#include "archlab/component.h"
#include "archlab/ops.h"
#include "archlab/plugin.h"

namespace archlab {

class Position : public Component {
 public:
  static constexpr char kKind[] = "position";
  static constexpr int kInterfaceRevision = 1;

  // Adds the order to token embeddings x [B, T, C]; positions i32 [B, T].
  virtual Tensor Embed(const Tensor& x, const Tensor& /*positions*/) const {
    return x;
  }

  // Rotates queries or keys x [B, T, H, D]; positions i32 [B, T].
  virtual Tensor Rotate(const Tensor& x, const Tensor& /*positions*/) const {
    return x;
  }

  // Added to the scores: table [H, 2 reach + 1] (f32, f64 in f64 models); entry
  // [h, reach + d] goes to query - key = d in head h. Undefined: no bias. reach
  // >= 0 is the largest distance that occurs.
  virtual Tensor ScoreBias(int64_t /*reach*/) const { return Tensor(); }

  // Longest sequence that can be embedded, tokens; -1: unbounded. Generation
  // past it is refused or slides, never wraps silently.
  virtual int64_t MaxTokens() const { return -1; }
};

}  // namespace archlab

#endif  // ARCHLAB_POSITION_H_
