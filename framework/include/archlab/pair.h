// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Pairs of token sequences in one sequence, for objectives.

#ifndef ARCHLAB_PAIR_H_
#define ARCHLAB_PAIR_H_

#include <algorithm>
#include <cstdint>
#include <utility>

#include "archlab/objective.h"

namespace archlab {

// How many tokens of two sequences to keep, so that they are at most `room`
// together: the longer one gives first (BERT's rule, arXiv:1810.04805).
inline std::pair<int64_t, int64_t> FitPair(int64_t first, int64_t second,
                                           int64_t room) {
  if (first + second <= room) return {first, second};
  const int64_t half = room / 2;
  if (first <= half) return {first, room - first};
  if (second <= room - half) return {room - second, second};
  return {half, room - half};
}

// The record's source, `separator`, the target and `end` as one sequence to
// continue: at most `tokens` inputs, of which only what predicts the target and
// its end counts. A target that was cut to fit has no end.
inline Sample ContinuePair(const Record& record, int32_t separator, int32_t end,
                           int64_t tokens) {
  const auto [source, target] =
      FitPair(static_cast<int64_t>(record.ids.size()),
              static_cast<int64_t>(record.target_ids.size()), tokens - 1);
  Sample sample;
  sample.ids.assign(record.ids.begin(), record.ids.begin() + source);
  sample.ids.push_back(separator);
  sample.ids.insert(sample.ids.end(), record.target_ids.begin(),
                    record.target_ids.begin() + target);
  const bool cut = target < static_cast<int64_t>(record.target_ids.size());
  sample.targets.assign(sample.ids.begin() + 1, sample.ids.end());
  sample.targets.push_back(cut ? record.target_ids[target] : end);
  sample.weights.assign(sample.ids.size(), 1.0f);
  std::fill(sample.weights.begin(), sample.weights.begin() + source, 0.0f);
  return sample;
}

}  // namespace archlab

#endif  // ARCHLAB_PAIR_H_
