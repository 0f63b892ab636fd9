// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A tokenizer's file in memory, and messages about what is wrong in it.

#ifndef ARCHLAB_TOKENIZER_BPE_NAMED_TEXT_H_
#define ARCHLAB_TOKENIZER_BPE_NAMED_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace archlab {

// A file's name, for messages, and its content.
struct NamedText {
  std::string name;
  absl::string_view text;
};

// "vocab.json:3: WHAT; REMEDY".
absl::Status Damaged(const NamedText& file, int64_t line,
                     absl::string_view what);

// Part of a file for a message: short, in quotes, and UTF-8 whatever it holds.
std::string Quoted(absl::string_view text);

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_BPE_NAMED_TEXT_H_
