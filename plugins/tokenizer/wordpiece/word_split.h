// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// WordSplitter: BERT's normalisation and its cut into words. Source:
// github.com/google-research/bert, tokenization.py, BasicTokenizer. Unicode's
// tables are those of the installed ICU.

#ifndef ARCHLAB_TOKENIZER_WORDPIECE_WORD_SPLIT_H_
#define ARCHLAB_TOKENIZER_WORDPIECE_WORD_SPLIT_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace archlab {

// Can be used by several threads at once.
class WordSplitter {
 public:
  using Visitor = absl::FunctionRef<void(absl::string_view word)>;

  explicit WordSplitter(bool lower_case) : lower_case_(lower_case) {}

  // Calls `visit` for each word, normalised, never empty, UTF-8. In order:
  // control and format characters, U+0000, U+FFFD and what is not UTF-8 are
  // dropped; white space separates; an ideograph is a word; lower case and
  // without accents where asked for; a punctuation character is a word.
  absl::Status ForEachWord(absl::string_view text, Visitor visit) const;

 private:
  absl::Status Finish(std::string* run, Visitor visit) const;

  const bool lower_case_;
};

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_WORDPIECE_WORD_SPLIT_H_
