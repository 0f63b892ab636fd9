// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// BERT's normalisation, with ICU.

#include "word_split.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "archlab/utf8.h"
#include "unicode/bytestream.h"
#include "unicode/casemap.h"
#include "unicode/normalizer2.h"
#include "unicode/uchar.h"

namespace archlab {
namespace {

enum class Part { kDropped, kSpace, kIdeograph, kOther };

// CJK unified ideographs with the extensions up to E, and the compatibility
// ones. Not Hangul, Hiragana or Katakana: these scripts write with spaces, or
// are left to the pieces.
bool IsIdeograph(char32_t value) {
  static constexpr char32_t kRanges[][2] = {
      {0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF},
      {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B820, 0x2CEAF},
      {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
  for (const auto& [first, last] : kRanges)
    if (value >= first && value <= last) return true;
  return false;
}

Part PartOf(char32_t value) {
  if (value < 0x80) {
    if (value == ' ' || value == '\t' || value == '\n' || value == '\r')
      return Part::kSpace;
    return value < 0x20 || value == 0x7F ? Part::kDropped : Part::kOther;
  }
  if (value == 0xFFFD) return Part::kDropped;
  if (IsIdeograph(value)) return Part::kIdeograph;
  switch (u_charType(static_cast<UChar32>(value))) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
      return Part::kDropped;
    case U_SPACE_SEPARATOR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
      return Part::kSpace;
    default:
      return Part::kOther;
  }
}

// All of ASCII's signs, "$" and "^" too, which Unicode calls symbols.
bool IsPunctuation(char32_t value) {
  if (value < 0x80) return absl::ascii_ispunct(static_cast<uint8_t>(value));
  return (U_MASK(u_charType(static_cast<UChar32>(value))) & U_GC_P_MASK) != 0;
}

bool IsAscii(absl::string_view text) {
  for (const char c : text)
    if (!absl::ascii_isascii(static_cast<uint8_t>(c))) return false;
  return true;
}

// Lower case of Unicode without a language's own rules, then the canonical
// decomposition without nonspacing marks.
absl::Status FoldByIcu(std::string* text) {
  std::string lower, parts;
  icu::StringByteSink<std::string> lower_sink(&lower), parts_sink(&parts);
  UErrorCode error = U_ZERO_ERROR;
  icu::CaseMap::utf8ToLower(
      "", 0, icu::StringPiece(text->data(), static_cast<int32_t>(text->size())),
      lower_sink, nullptr, error);
  const icu::Normalizer2* const nfd = icu::Normalizer2::getNFDInstance(error);
  if (U_SUCCESS(error))
    nfd->normalizeUTF8(
        0, icu::StringPiece(lower.data(), static_cast<int32_t>(lower.size())),
        parts_sink, nullptr, error);
  if (U_FAILURE(error))
    return absl::InternalError(absl::StrCat(
        "ICU cannot normalise a word: ", u_errorName(error),
        "; set lower_case: false, or install ICU with its data again"));
  text->clear();
  for (size_t i = 0; i < parts.size();) {
    const CodePoint point = DecodeCodePoint(parts, i);
    if (u_charType(static_cast<UChar32>(point.value)) != U_NON_SPACING_MARK)
      text->append(parts, i, point.bytes);
    i += point.bytes;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WordSplitter::Finish(std::string* run, Visitor visit) const {
  // ICU counts bytes in 32 bits; no vocabulary has so long a word anyway.
  const bool huge = run->size() > std::numeric_limits<int32_t>::max() / 4;
  if (lower_case_ && IsAscii(*run))
    absl::AsciiStrToLower(run);
  else if (lower_case_ && !huge)
    ARCHLAB_RETURN_IF_ERROR(FoldByIcu(run));
  const absl::string_view text = *run;
  size_t begin = 0;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = DecodeCodePoint(text, i);
    const size_t next = i + point.bytes;
    if (IsPunctuation(point.value)) {
      if (i > begin) visit(text.substr(begin, i - begin));
      visit(text.substr(i, next - i));
      begin = next;
    }
    i = next;
  }
  if (begin < text.size()) visit(text.substr(begin));
  run->clear();
  return absl::OkStatus();
}

absl::Status WordSplitter::ForEachWord(absl::string_view text,
                                       Visitor visit) const {
  std::string run;  // characters without white space between
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = DecodeCodePoint(text, i);
    const Part part =
        point.state == CodePoint::kValid ? PartOf(point.value) : Part::kDropped;
    if (part == Part::kSpace || part == Part::kIdeograph)
      ARCHLAB_RETURN_IF_ERROR(Finish(&run, visit));
    if (part == Part::kOther || part == Part::kIdeograph)
      run.append(text.data() + i, point.bytes);
    if (part == Part::kIdeograph) ARCHLAB_RETURN_IF_ERROR(Finish(&run, visit));
    i += point.bytes;
  }
  return Finish(&run, visit);
}

}  // namespace archlab
