// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What the heads of a decoder do, by three patterns of attention on a random
// sequence that is repeated once: x_1 .. x_n x_1 .. x_n. Source: Olsson et al.,
// In-context Learning and Induction Heads, arXiv:2209.11895, appendix; the
// patterns are those of TransformerLens's detect_head.
//
// Each score is a mean over the queries i that have such a key, of the weight
// that a head gives to all such keys j together:
//   previous token   j = i - 1
//   duplicate token  j < i where token j is token i
//   induction        j <= i where token j - 1 is token i, and j - 1 < i
// 1: the head does nothing else; a head that looks everywhere alike has about
// the mean of 1 / i.

#ifndef ARCHLAB_HEAD_SCORES_H_
#define ARCHLAB_HEAD_SCORES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "report/attention_maps.h"

namespace archlab {

struct HeadScore {
  std::string path;   // of the layer
  int64_t layer = 0;  // index within its view
  int64_t head = 0;   // from 0
  double previous = 0, duplicate = 0, induction = 0;
};

struct HeadScores {
  std::vector<int32_t> ids;  // the sequence; empty: there are no scores
  std::vector<HeadScore> heads;
};

// Twice `half` ids of 0 .. vocabulary - 1, distinct ones where there are
// enough; the same each time.
std::vector<int32_t> RepeatedSequence(int64_t vocabulary, int64_t half);

// Scores of maps [H, T, T] on the ids; a pattern without a pair has 0.
std::vector<HeadScore> ScoreHeads(const AttentionView& view);

// Of the causal self-attention of a model: 2 x 32 ordinary ids, or as many as
// it reads. `source`: what an encoder reads; undefined where there is none.
// Empty where less than 2 x 2 fit, or where no layer has weights.
HeadScores ScoreModel(Model& model, int64_t ordinary_ids, const Tensor& source);

}  // namespace archlab

#endif  // ARCHLAB_HEAD_SCORES_H_
