// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The printable character that stands for each byte in GPT-2's files.

#ifndef ARCHLAB_TOKENIZER_BPE_BYTE_LETTERS_H_
#define ARCHLAB_TOKENIZER_BPE_BYTE_LETTERS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace archlab {

// The bytes as letters, UTF-8.
std::string ToLetters(absl::string_view bytes);

// The letters as bytes; false when one of them stands for no byte.
bool FromLetters(absl::string_view letters, std::string* bytes);

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_BPE_BYTE_LETTERS_H_
