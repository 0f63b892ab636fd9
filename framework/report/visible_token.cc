// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/visible_token.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/utf8.h"

namespace archlab {
namespace {

struct CodeRange {
  char32_t first, last;
};

// Controls, spaces without ink, marks of direction, joiners, tags.
constexpr CodeRange kUnseen[] = {
    {0x00, 0x1F},     {0x7F, 0xA0},       {0xAD, 0xAD},     {0x61C, 0x61C},
    {0x1680, 0x1680}, {0x180E, 0x180E},   {0x2000, 0x200F}, {0x2028, 0x202F},
    {0x205F, 0x206F}, {0x3000, 0x3000},   {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
    {0xFFFE, 0xFFFF}, {0xE0000, 0xE01EF},
};

bool Unseen(char32_t c) {
  for (const CodeRange& range : kUnseen)
    if (c >= range.first && c <= range.last) return true;
  return false;
}

std::string Shown(char32_t c) {
  switch (c) {
    case ' ':
      return "\u2423";
    case '\t':
      return "\u21E5";
    case '\n':
      return "\u23CE";
    default:
      break;
  }
  const auto code = static_cast<uint32_t>(c);
  if (Unseen(c))
    return code < 0x100 ? absl::StrFormat("\\x%02X", code)
                        : absl::StrFormat("\\u%04X", code);
  std::string text;
  AppendCodePoint(c, &text);
  return text;
}

}  // namespace

std::string VisibleText(absl::string_view bytes) {
  std::string text;
  for (size_t at = 0; at < bytes.size();) {
    const CodePoint next = DecodeCodePoint(bytes, at);
    if (next.state == CodePoint::kValid) {
      text += Shown(next.value);
      at += next.bytes;
      continue;
    }
    text += absl::StrFormat("\\x%02X", static_cast<uint8_t>(bytes[at++]));
  }
  return text;
}

std::string TokenNames::Of(int32_t id) const {
  const std::string bytes = tokenizer_.Bytes(id);
  if (!bytes.empty()) return VisibleText(bytes);
  const int64_t added = id - vocabulary_.ordinary();
  if (added >= 0 && added < static_cast<int64_t>(vocabulary_.added().size()))
    return VisibleText(vocabulary_.added()[added]);
  for (size_t i = 0; i < vocabulary_.of_objective().size(); ++i)
    if (vocabulary_.of_objective()[i] == id && i < special_.size())
      return VisibleText(special_[i]);
  return absl::StrCat("#", id);
}

}  // namespace archlab
