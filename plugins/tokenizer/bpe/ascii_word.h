// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The split rules where all is ASCII, several times as fast as the pattern.

#ifndef ARCHLAB_TOKENIZER_BPE_ASCII_WORD_H_
#define ARCHLAB_TOKENIZER_BPE_ASCII_WORD_H_

#include "absl/strings/string_view.h"
#include "pre_split.h"

namespace archlab {

// Bytes of the word that begins at `begin` < text.size(), as the pattern of the
// rule (pre_split.cc) cuts it; 0 where a byte that is not ASCII would have a
// say, which is left to the pattern.
size_t AsciiWord(SplitRule rule, absl::string_view text, size_t begin);

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_BPE_ASCII_WORD_H_
