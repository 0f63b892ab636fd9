// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// BLEU of a corpus, as sacreBLEU computes it by default: tokens of mteval-v13a,
// n-grams to 4, exponential smoothing of empty counts, one number for the whole
// corpus. Sources: Papineni et al., BLEU, 2002; arXiv:1804.08771.

#ifndef ARCHLAB_BLEU_H_
#define ARCHLAB_BLEU_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace archlab {

struct Bleu {
  double score = 0;  // 0 .. 100
  // Some reference has four words; where none has, the score says nothing.
  bool defined = false;
  double precisions[4] = {};  // of n-grams, percent
  double brevity_penalty = 1;
  int64_t hypothesis_tokens = 0, reference_tokens = 0;
};

// The words and signs that mteval-v13a counts.
std::vector<std::string> Tokenize13a(absl::string_view text);

// references[i]: one or more for hypotheses[i]; of their lengths the nearest
// counts, of two equally near the shorter.
Bleu CorpusBleu(const std::vector<std::string>& hypotheses,
                const std::vector<std::vector<std::string>>& references);

}  // namespace archlab

#endif  // ARCHLAB_BLEU_H_
