// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// How many pairs of query and key an attention lets interact.

#ifndef ARCHLAB_PAIRS_H_
#define ARCHLAB_PAIRS_H_

#include <cstdint>

#include "archlab/attention.h"

namespace archlab {

struct PairCount {
  double pairs = 0;
  bool sampled = false;  // an estimate
};

// Asks the rule about every pair of a sequence of `tokens`, where there are at
// most 2^26 (all pairs of 8192 tokens; with a window, many more tokens); else
// about all keys of evenly spaced queries.
PairCount CountInteractions(const Attention& rule, bool causal, int64_t tokens);

}  // namespace archlab

#endif  // ARCHLAB_PAIRS_H_
