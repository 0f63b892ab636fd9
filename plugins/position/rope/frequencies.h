// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// How fast the pairs of rotary embedding turn.

#ifndef ARCHLAB_FREQUENCIES_H_
#define ARCHLAB_FREQUENCIES_H_

#include <cstdint>
#include <vector>

#include "rope.pb.h"

namespace archlab {

// Radians a token of each of `pairs` pairs, scaling included.
// Sources: arXiv:2104.09864; linear: arXiv:2306.15595, section 3.2; NTK-aware
// and YaRN: arXiv:2309.00071, section 3; Llama 3.1: its published code.
std::vector<double> Frequencies(const position::RopeConfig& config,
                                int64_t pairs);

// What the channels that turn are multiplied by: YaRN's temperature.
double AttentionFactor(const position::RopeConfig& config);

}  // namespace archlab

#endif  // ARCHLAB_FREQUENCIES_H_
