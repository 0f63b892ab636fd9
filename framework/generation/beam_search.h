// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// BeamSearch: the likeliest continuation among several kept side by side.
// Source: length penalty of arXiv:1609.08144, section 7.

#ifndef ARCHLAB_BEAM_SEARCH_H_
#define ARCHLAB_BEAM_SEARCH_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/objective.h"
#include "model/model.h"

namespace archlab {

struct BeamOptions {
  int beams = 4;
  double length_penalty = 0.6;  // 0: plain log probability
  int64_t max_tokens = 256;
  bool cached = true;
};

// A continuation and log p(continuation) / ((5 + length) / 6)^penalty, length
// counting the end token.
struct Hypothesis {
  std::vector<int32_t> ids;  // without the end token
  double score = 0;
  bool ended = false;  // by the end token
};

// The best continuations of one prompt, at most `beams`: those that ended, best
// first, then those that were cut at max_tokens, best first. Of equals those
// with the smaller ids. One beam is greedy decoding. Fails where the model
// gives no numbers.
absl::StatusOr<std::vector<Hypothesis>> BeamSearch(Model& model,
                                                   const PromptIds& prompt,
                                                   const BeamOptions& options);

}  // namespace archlab

#endif  // ARCHLAB_BEAM_SEARCH_H_
