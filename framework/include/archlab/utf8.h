// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.

#ifndef ARCHLAB_UTF8_H_
#define ARCHLAB_UTF8_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace archlab {

// One decoded character.
struct CodePoint {
  enum State {
    kValid,
    kInvalid,    // the byte can begin no character here; bytes is 1
    kTruncated,  // the text ends within what may become a character
  };
  State state = kInvalid;
  char32_t value = 0;  // when valid
  int bytes = 0;       // that it takes; when truncated: all that are left
};

// The character at byte `offset` of `text`, offset < text.size().
CodePoint DecodeCodePoint(absl::string_view text, size_t offset);

// Appends the UTF-8 form of a code point (a surrogate or a value above
// U+10FFFF becomes U+FFFD).
void AppendCodePoint(char32_t value, std::string* text);

// Byte offset of the first place that is not UTF-8 (a truncated character
// included), or -1.
int64_t FindInvalidUtf8(absl::string_view text);

// Number of code points; a byte that is not part of a valid one counts as one.
int64_t CountCodePoints(absl::string_view text);

// Where byte `offset` of `text` is for a reader: "line 3, column 14", both from
// 1, the column in characters.
std::string DescribePlace(absl::string_view text, size_t offset);

}  // namespace archlab

#endif  // ARCHLAB_UTF8_H_
