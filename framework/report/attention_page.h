// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention weights for people and for programs.

#ifndef ARCHLAB_ATTENTION_PAGE_H_
#define ARCHLAB_ATTENTION_PAGE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "report/attention_maps.h"
#include "report/head_scores.h"

namespace archlab {

// What was looked at.
struct AttentionReport {
  std::string run;   // its folder
  int64_t step = 0;  // of the checkpoint
  AttentionMaps maps;
  HeadScores scores;                          // without heads: none are shown
  std::function<std::string(int32_t)> token;  // the visible text of an id
};

// One page of HTML without a link to anything: it holds style, script and the
// weights, a byte each, as 255ths of the largest of their head; of a head with
// negative ones 128 is 0 and 255 the largest magnitude.
std::string AttentionPage(const AttentionReport& report);

// bertviz's shape: {"attn": {VIEW: {"attn": [layer][head][query][key],
// "left_text": [..], "right_text": [..]}}}, f32. Beside it "layers" (paths of
// each view), "without" (paths that have no weights) and "scores".
std::string AttentionJson(const AttentionReport& report);

}  // namespace archlab

#endif  // ARCHLAB_ATTENTION_PAGE_H_
