// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Objective: from data to model inputs, targets and loss. The component makes
// samples; the host collates them into batches, gathers the positions that
// count, and owns head and loss.

#ifndef ARCHLAB_OBJECTIVE_H_
#define ARCHLAB_OBJECTIVE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "archlab/component.h"
#include "archlab/plugin.h"
#include "archlab/random.h"

namespace archlab {

// What a sample is made from: a window of the token stream, or the encoded
// document.
struct Record {
  std::vector<int32_t> ids;         // the source's tokens
  std::vector<int32_t> target_ids;  // the pair's other half
  int64_t label = -1;
};

// One row of a batch. Vectors over T have equal length; empty means default.
struct Sample {
  std::vector<int32_t> ids;          // [T] model input
  std::vector<int32_t> decoder_ids;  // [T2] decoder input (encoder-decoder)
  std::vector<int32_t> segments;     // [T] document index; default: all 0
  std::vector<int32_t> targets;      // [T] (T2 with a decoder) what to predict
  std::vector<float> weights;  // [T] weight of each target; 0: not counted
  int64_t prefix_tokens = 0;   // leading tokens that see each other
};

// How the host turns outputs into a loss.
struct LossKind {
  enum Kind { kTokens, kClass };
  Kind kind = kTokens;  // a target a token, or one class a sample
  double label_smoothing = 0;
};

class Objective : public Component {
 public:
  static constexpr char kKind[] = "objective";
  static constexpr int kInterfaceRevision = 1;

  // Tokens of the stream that a sample of length T is made from (T + 1 for
  // next-token prediction).
  virtual int64_t RecordTokens(int64_t sequence_tokens) const = 0;
  // One sample. `random` is keyed by (seed, sample index).
  virtual absl::StatusOr<Sample> Make(const Record& record,
                                      Random random) const = 0;
  virtual LossKind Loss() const { return {}; }
};

}  // namespace archlab

#endif  // ARCHLAB_OBJECTIVE_H_
