// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Decoding and counting UTF-8.

#include "base/utf8.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace archlab {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// What a first byte allows: how many bytes follow, and the range of the first
// of them (the other ones are 80..BF). From the table of RFC 3629, section 4.
struct Lead {
  int following;  // -1: no character begins so
  uint8_t low, high;
};

Lead LeadOf(uint8_t byte) {
  if (byte < 0x80) return {0, 0x80, 0xBF};
  if (byte < 0xC2) return {-1, 0x80, 0xBF};
  if (byte < 0xE0) return {1, 0x80, 0xBF};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};  // no overlong forms
  if (byte == 0xED) return {2, 0x80, 0x9F};  // no surrogates
  if (byte < 0xF0) return {2, 0x80, 0xBF};
  if (byte == 0xF0) return {3, 0x90, 0xBF};  // no overlong forms
  if (byte < 0xF4) return {3, 0x80, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};  // up to U+10FFFF
  return {-1, 0x80, 0xBF};
}

// Whether the eight bytes from `offset` on are there and are all ASCII.
bool EightAscii(absl::string_view text, size_t offset) {
  if (text.size() - offset < 8) return false;
  uint64_t bytes;
  std::memcpy(&bytes, text.data() + offset, 8);
  return (bytes & 0x8080808080808080u) == 0;
}

}  // namespace

CodePoint DecodeCodePoint(absl::string_view text, size_t offset) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(offset);
  const Lead lead = LeadOf(first);
  if (lead.following == 0) return {CodePoint::kValid, first, 1};
  if (lead.following < 0) return {CodePoint::kInvalid, 0, 1};
  char32_t value = first & (0x3F >> lead.following);
  for (int i = 1; i <= lead.following; ++i) {
    if (offset + i >= text.size()) return {CodePoint::kTruncated, 0, i};
    const uint8_t next = byte(offset + i);
    const uint8_t low = i == 1 ? lead.low : 0x80;
    const uint8_t high = i == 1 ? lead.high : 0xBF;
    if (next < low || next > high) return {CodePoint::kInvalid, 0, 1};
    value = value << 6 | (next & 0x3F);
  }
  return {CodePoint::kValid, value, lead.following + 1};
}

void AppendCodePoint(char32_t value, std::string* text) {
  const auto put = [text](char32_t bits) {
    text->push_back(static_cast<char>(bits));
  };
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = 0xFFFD;
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | value >> 6);
    put(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    put(0xE0 | value >> 12);
    put(0x80 | (value >> 6 & 0x3F));
    put(0x80 | (value & 0x3F));
  } else {
    put(0xF0 | value >> 18);
    put(0x80 | (value >> 12 & 0x3F));
    put(0x80 | (value >> 6 & 0x3F));
    put(0x80 | (value & 0x3F));
  }
}

int64_t FindInvalidUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    if (EightAscii(text, i)) {
      i += 8;
      continue;
    }
    const CodePoint point = DecodeCodePoint(text, i);
    if (point.state != CodePoint::kValid) return static_cast<int64_t>(i);
    i += point.bytes;
  }
  return -1;
}

int64_t CountCodePoints(absl::string_view text) {
  int64_t count = 0;
  for (size_t i = 0; i < text.size(); ++count) {
    if (EightAscii(text, i)) {
      i += 8;
      count += 7;
      continue;
    }
    const CodePoint point = DecodeCodePoint(text, i);
    i += point.state == CodePoint::kValid ? point.bytes : 1;
  }
  return count;
}

std::string DescribePlace(absl::string_view text, size_t offset) {
  const absl::string_view before = text.substr(0, offset);
  const size_t newline = before.rfind('\n');
  const absl::string_view line =
      newline == absl::string_view::npos ? before : before.substr(newline + 1);
  return absl::StrCat("line ",
                      std::count(before.begin(), before.end(), '\n') + 1,
                      ", column ", CountCodePoints(line) + 1);
}

std::string Utf8Stream::Add(absl::string_view bytes) {
  pending_.append(bytes.data(), bytes.size());
  std::string whole;
  size_t i = 0;
  while (i < pending_.size()) {
    const CodePoint point = DecodeCodePoint(pending_, i);
    if (point.state == CodePoint::kTruncated) break;
    if (point.state == CodePoint::kValid)
      whole.append(pending_, i, point.bytes);
    else
      whole.append(kReplacement.data(), kReplacement.size());
    i += point.bytes;
  }
  pending_.erase(0, i);
  return whole;
}

std::string Utf8Stream::Finish() {
  const bool unfinished = !pending_.empty();
  pending_.clear();
  return unfinished ? std::string(kReplacement) : "";
}

}  // namespace archlab
