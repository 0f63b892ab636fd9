// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Pass: one forward pass through a stack, as the framework sees it. Plugins see
// it as a ForwardContext.

#ifndef ARCHLAB_PASS_H_
#define ARCHLAB_PASS_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "archlab/component.h"

namespace archlab {

// What a pass is told by its caller.
struct PassOptions {
  bool training = false;
  uint64_t seed = 0;
  int64_t step = 0;
  double label_smoothing = 0;  // of the loss
  // Receives the activations that components tap; may be empty.
  std::function<void(const std::string&, const Tensor&)> tap;
};

class Pass final : public ForwardContext {
 public:
  // A pass over ids i32 [B, T]. positions, segments: i32 [B, T] or undefined,
  // see ForwardContext; default positions are filled in. `first_row` is the
  // index of row 0 among all samples; it keys dropout, so that the split of a
  // step into micro-batches changes nothing.
  Pass(const PassOptions& options, const Tensor& ids, const Tensor& positions,
       const Tensor& segments, int64_t first_row);

  Random RandomAt(absl::string_view path) const override;
  void AddLoss(absl::string_view name, const Tensor& value) override;
  void Log(absl::string_view name, double value) override;
  void Tap(absl::string_view name, const Tensor& value) override;

  // Dropout of x [B, ...] at a place of the model; nothing in evaluation.
  Tensor Dropout(const Tensor& x, double p, absl::string_view path) const;

  int64_t first_row() const { return first_row_; }
  // Each row is one document at positions 0 .. T-1.
  bool plain() const { return plain_; }
  // Terms added so far; undefined when there are none.
  const Tensor& added_loss() const { return added_loss_; }
  const std::vector<std::pair<std::string, double>>& logs() const {
    return logs_;
  }

 private:
  const PassOptions& options_;
  const int64_t first_row_;
  const bool plain_;
  Tensor added_loss_;
  std::vector<std::pair<std::string, double>> logs_;
};

// Positions 0 .. T-1 in each row, from `first`: i32 [B, T].
Tensor DefaultPositions(int64_t batch, int64_t tokens, int64_t first = 0);

// Positions of a padded batch: real tokens (segment >= 0) of each row and
// segment count from 0; padding gets 0. segments i32 [B, T].
Tensor PositionsOf(const Tensor& segments);

}  // namespace archlab

#endif  // ARCHLAB_PASS_H_
