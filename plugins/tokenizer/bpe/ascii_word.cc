// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The alternatives of the patterns, in their order, by hand.

#include "ascii_word.h"

#include <array>

#include "absl/strings/ascii.h"

namespace archlab {
namespace {

// What the patterns tell apart; and no byte at all, and a byte of more than
// ASCII.
enum Class : uint8_t { kLetter, kDigit, kSpace, kSign, kEnd, kUnknown };

constexpr Class ClassOf(int byte) {
  if (byte >= 0x80) return kUnknown;
  if (byte == ' ' || (byte >= '\t' && byte <= '\r')) return kSpace;
  if (byte >= '0' && byte <= '9') return kDigit;
  const int lower = byte | 0x20;
  return lower >= 'a' && lower <= 'z' ? kLetter : kSign;
}

constexpr std::array<Class, 256> MakeClasses() {
  std::array<Class, 256> classes{};
  for (int byte = 0; byte < 256; ++byte) classes[byte] = ClassOf(byte);
  return classes;
}

constexpr std::array<Class, 256> kClasses = MakeClasses();

// Reads a text from one place on; offsets count from there.
class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) {}

  Class At(size_t i) const {
    return i < text_.size() ? kClasses[static_cast<uint8_t>(text_[i])] : kEnd;
  }
  // 0 beyond the text.
  char Char(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  bool IsNewline(size_t i) const { return Char(i) == '\n' || Char(i) == '\r'; }
  // Where the run of one class that holds `i` ends.
  size_t EndOfRun(size_t i) const {
    const Class run = At(i);
    while (At(i) == run) ++i;
    return i;
  }

 private:
  const absl::string_view text_;
};

// "'s" and its like after an apostrophe; 0: none, or not known to be none.
size_t Contraction(const Reader& r, bool any_case) {
  const auto lower = [&](size_t i) {
    return any_case ? absl::ascii_tolower(r.Char(i)) : r.Char(i);
  };
  switch (lower(1)) {
    case 's':
    case 't':
    case 'm':
    case 'd':
      return 2;
    case 'r':
    case 'v':
      return lower(2) == 'e' ? 3 : 0;
    case 'l':
      return lower(2) == 'l' ? 3 : 0;
    default:
      return 0;
  }
}

// White space: all but the last where something follows, unless it is alone.
size_t Space(const Reader& r) {
  const size_t end = r.EndOfRun(0);
  if (r.At(end) == kUnknown) return 0;
  return r.At(end) == kEnd || end == 1 ? end : end - 1;
}

size_t Gpt2Word(const Reader& r) {
  if (r.Char(0) == '\'') {
    if (r.At(1) == kUnknown) return 0;
    if (const size_t end = Contraction(r, false)) return end;
  }
  const size_t first = r.Char(0) == ' ' ? 1 : 0;
  switch (r.At(first)) {
    case kLetter:
    case kDigit:
    case kSign: {
      const size_t end = r.EndOfRun(first);
      return r.At(end) == kUnknown ? 0 : end;
    }
    default:
      return r.At(0) == kSpace ? Space(r) : 0;
  }
}

// At most three.
size_t Digits(const Reader& r) {
  size_t end = 1;
  while (end < 3 && r.At(end) == kDigit) ++end;
  return end < 3 && r.At(end) == kUnknown ? 0 : end;
}

// Through the last newline of the run; else as in Space.
size_t Newlines(const Reader& r) {
  const size_t end = r.EndOfRun(0);
  if (r.At(end) == kUnknown) return 0;
  for (size_t i = end; i > 0; --i)
    if (r.IsNewline(i - 1)) return i;
  return Space(r);
}

size_t Cl100kWord(const Reader& r) {
  if (r.At(0) == kUnknown || r.At(1) == kUnknown) return 0;
  if (r.Char(0) == '\'')
    if (const size_t end = Contraction(r, true)) return end;
  if (r.At(0) == kDigit) return Digits(r);
  // A letter, or one other character before letters, but no newline.
  if (r.At(0) == kLetter || (r.At(1) == kLetter && !r.IsNewline(0))) {
    const size_t end = r.EndOfRun(r.At(0) == kLetter ? 0 : 1);
    return r.At(end) == kUnknown ? 0 : end;
  }
  const size_t first = r.Char(0) == ' ' ? 1 : 0;
  if (r.At(first) == kSign) {
    size_t end = r.EndOfRun(first);
    if (r.At(end) == kUnknown) return 0;
    while (r.IsNewline(end)) ++end;
    return end;
  }
  return Newlines(r);
}

}  // namespace

size_t AsciiWord(SplitRule rule, absl::string_view text, size_t begin) {
  const Reader reader(text.substr(begin));
  return rule == SplitRule::kGpt2 ? Gpt2Word(reader) : Cl100kWord(reader);
}

}  // namespace archlab
