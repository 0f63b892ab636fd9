// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Tokens as a reader can see them, each on its own: tokens end anywhere within
// a character, and some are nothing but a space.

#ifndef ARCHLAB_VISIBLE_TOKEN_H_
#define ARCHLAB_VISIBLE_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "archlab/objective.h"
#include "archlab/tokenizer.h"
#include "data/vocabulary.h"

namespace archlab {

// Valid UTF-8 on one line: a space is U+2423, a tab U+21E5, a line's end
// U+23CE; bytes that are no character are \xE2, characters that show nothing or
// turn the text around are \u202E. The rest is as it is.
std::string VisibleText(absl::string_view bytes);

// The text of an id, or the name of a token that stands for no text, or "#5".
// The arguments outlive it.
class TokenNames {
 public:
  TokenNames(const Tokenizer& tokenizer, const Vocabulary& vocabulary,
             const Objective& objective)
      : tokenizer_(tokenizer),
        vocabulary_(vocabulary),
        special_(objective.SpecialTokens()) {}
  std::string Of(int32_t id) const;

 private:
  const Tokenizer& tokenizer_;
  const Vocabulary& vocabulary_;
  const std::vector<std::string> special_;
};

}  // namespace archlab

#endif  // ARCHLAB_VISIBLE_TOKEN_H_
