// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Messages about damaged files.

#include "named_text.h"

#include "absl/strings/str_cat.h"
#include "archlab/utf8.h"

namespace archlab {
namespace {

constexpr absl::string_view kRemedy =
    "; the file is damaged or is not of a GPT-2 tokenizer: fetch or write it "
    "again";

}  // namespace

absl::Status Damaged(const NamedText& file, int64_t line,
                     absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(file.name, ":", line, ": ", what, kRemedy));
}

std::string Quoted(absl::string_view text) {
  std::string shown = "'";
  for (size_t i = 0; i < text.size() && shown.size() < 60;) {
    const CodePoint point = DecodeCodePoint(text, i);
    const bool valid = point.state == CodePoint::kValid && point.value >= 0x20;
    AppendCodePoint(valid ? point.value : 0xFFFD, &shown);
    i += valid ? point.bytes : 1;
    if (shown.size() >= 60 && i < text.size()) shown += "...";
  }
  return shown + "'";
}

}  // namespace archlab
