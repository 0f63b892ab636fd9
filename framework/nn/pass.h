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
  // Receives the activations at the borders of modules, and those that
  // components tap, by path ("decoder.3.feed_forward.hidden"); may be empty.
  std::function<void(const std::string&, const Tensor&)> tap = {};
  // Receives the weights of every attention by its path, layer by layer, f32
  // [B, H, Tq, Tk]: what multiplies v (nn/attention_weights.h). Undefined where
  // the output is no weighted sum of the values. May be empty; else the pass
  // takes several times as long.
  std::function<void(const std::string&, const Tensor&)> attention = {};
};

// The tokens of a pass.
struct PassTokens {
  int64_t batch = 0, tokens = 0;  // B, T
  // i32 [B, T] or undefined, see ForwardContext; default positions are filled
  // in.
  Tensor positions = {}, segments = {};
  // i32 [B]: leading tokens of each row that see each other in a causal stack;
  // undefined: none.
  Tensor prefix = {};
  // Index of row 0 among all samples; it keys dropout, so that the split of a
  // step into micro-batches changes nothing.
  int64_t first_row = 0;
};

class Pass final : public ForwardContext {
 public:
  Pass(const PassOptions& options, const PassTokens& tokens);

  Random RandomAt(absl::string_view path) const override;
  // The same with the path in two parts.
  Random RandomAt(absl::string_view module, absl::string_view name) const;
  void AddLoss(absl::string_view name, const Tensor& value) override;
  void Log(absl::string_view name, double value) override;
  void Tap(absl::string_view name, const Tensor& value) override;

  // Hands out an activation by its path, in two parts.
  void TapAt(absl::string_view module, absl::string_view name,
             const Tensor& value);
  // The module under way, whose path Tap begins with; in two parts.
  void SetModule(absl::string_view block, absl::string_view part);

  // Whoever watches the weights of attention; may be empty.
  const std::function<void(const std::string&, const Tensor&)>&
  attention_observer() const {
    return options_.attention;
  }

  // Dropout of x [B, ...] at a place of the model; nothing in evaluation.
  Tensor Dropout(const Tensor& x, double p, absl::string_view module,
                 absl::string_view name) const;

  // Which repeat of shared weights is running; random numbers differ by it.
  void SetRepeat(int repeat) { repeat_ = repeat; }

  int64_t batch() const { return batch_; }
  int64_t tokens() const { return tokens_; }
  const Tensor& prefix() const { return prefix_; }
  int64_t first_row() const { return first_row_; }
  // Each row is one document at positions 0 .. T-1.
  bool plain() const { return plain_; }
  // Tokens that are no padding.
  int64_t RealTokens() const;
  // Terms added so far, a mean over the real tokens; undefined when there are
  // none.
  Tensor AddedLoss() const;
  const std::vector<std::pair<std::string, double>>& logs() const {
    return logs_;
  }

 private:
  const PassOptions& options_;
  const int64_t batch_, tokens_, first_row_;
  const bool plain_;
  const Tensor prefix_;
  int repeat_ = 0;
  std::string module_;  // kept where somebody taps
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
