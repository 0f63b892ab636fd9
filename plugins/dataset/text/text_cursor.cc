// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Decoding a file in pieces.

#include "text_cursor.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/utf8.h"

namespace archlab {
namespace {

constexpr int64_t kPieceBytes = 1 << 20;

// What a file that is not UTF-8 may be, and what to do about it.
absl::string_view Remedy(absl::string_view start) {
  if (absl::StartsWith(start, "\xFF\xFE") ||
      absl::StartsWith(start, "\xFE\xFF"))
    return "it looks like UTF-16: convert it (iconv -f UTF-16 -t UTF-8)";
  if (absl::StartsWith(start, "\x1F\x8B"))
    return "it looks like a gzip file: unpack it";
  return "convert it (such as iconv -f ISO-8859-1 -t UTF-8), or set encoding: "
         "BYTES in [dataset/text] and use [tokenizer/byte] or [tokenizer/bpe]";
}

}  // namespace

bool TextCursor::Refill() {
  const int64_t count = std::min(kPieceBytes, end_ - read_);
  if (count == 0) return false;
  text_.erase(0, at_ - std::min(at_, history_));
  at_ = std::min(at_, history_);
  std::string piece;
  status_ = file_.Read(read_, count, &piece);
  if (!status_.ok()) return false;
  text_ += piece;
  read_ += count;
  return true;
}

bool TextCursor::NotUtf8() {
  std::string start;
  status_ = file_.Read(0, std::min<int64_t>(2, file_.bytes()), &start);
  if (!status_.ok()) return false;
  status_ = absl::InvalidArgumentError(absl::StrFormat(
      "'%s' is not UTF-8: byte %d (line %d, column %d) is 0x%02X; %s",
      file_.path(), offset(), line_, column_, static_cast<uint8_t>(text_[at_]),
      Remedy(start)));
  return false;
}

bool TextCursor::Next() {
  if (!status_.ok() || (at_ == text_.size() && !Refill())) return false;
  if (!utf8_) {
    value_ = static_cast<uint8_t>(text_[at_++]);
    return true;
  }
  const auto byte = static_cast<uint8_t>(text_[at_]);
  if (byte < 0x80) {  // ASCII needs no decoding
    value_ = byte;
    ++at_;
  } else {
    CodePoint point = DecodeCodePoint(text_, at_);
    if (point.state == CodePoint::kTruncated && Refill())
      point = DecodeCodePoint(text_, at_);
    if (!status_.ok()) return false;
    if (point.state != CodePoint::kValid) return NotUtf8();
    at_ += point.bytes;
    value_ = point.value;
  }
  column_ = value_ == '\n' ? 1 : column_ + 1;
  line_ += value_ == '\n' ? 1 : 0;
  return true;
}

}  // namespace archlab
