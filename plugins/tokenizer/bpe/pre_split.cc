// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The split patterns, run by PCRE2; where all is ASCII, AsciiWord is faster.

#include "pre_split.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "archlab/utf8.h"
#include "ascii_word.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace archlab {
namespace {

// Unicode's White_Space, which \s means in the tokenizers that defined these
// rules; PCRE2's own \s has U+180E besides.
#define SPACE                                                      \
  "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}" \
  "\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"

// Contractions; letters, numbers, other signs, each with a space before;
// white space, without the last one where a word follows.
constexpr char kGpt2[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^" SPACE
    "\\p{L}\\p{N}]+|[" SPACE "]+(?![^" SPACE "])|[" SPACE "]+";

constexpr char kCl100k[] =
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^" SPACE
    "\\p{L}\\p{N}]+[\\r\\n]*|[" SPACE "]*[\\r\\n]+|[" SPACE "]+(?![^" SPACE
    "])|[" SPACE "]+";

#undef SPACE

std::string ErrorText(int code) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(code, text, sizeof(text));
  return reinterpret_cast<const char*>(text);
}

struct Free {
  void operator()(pcre2_code* p) const { pcre2_code_free(p); }
  void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); }
  void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); }
};

// Bytes from `begin` on that no valid character covers.
size_t InvalidBytes(absl::string_view text, size_t begin) {
  size_t end = begin;
  while (end < text.size() &&
         DecodeCodePoint(text, end).state != CodePoint::kValid)
    ++end;
  return end - begin;
}

}  // namespace

struct PreSplitter::Pattern {
  std::unique_ptr<pcre2_code, Free> code;
  std::unique_ptr<pcre2_match_context, Free> context;
};

PreSplitter::PreSplitter(SplitRule rule, std::unique_ptr<Pattern> pattern)
    : rule_(rule), pattern_(std::move(pattern)) {}
PreSplitter::PreSplitter(PreSplitter&&) noexcept = default;
PreSplitter& PreSplitter::operator=(PreSplitter&&) noexcept = default;
PreSplitter::~PreSplitter() = default;

absl::StatusOr<PreSplitter> PreSplitter::Make(SplitRule rule) {
  const char* const text = rule == SplitRule::kGpt2 ? kGpt2 : kCl100k;
  int error = 0;
  PCRE2_SIZE place = 0;
  auto pattern = std::make_unique<Pattern>();
  pattern->code.reset(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text), PCRE2_ZERO_TERMINATED,
                    PCRE2_UTF | PCRE2_UCP, &error, &place, nullptr));
  if (pattern->code == nullptr)
    return absl::InternalError(
        absl::StrCat("PCRE2 refuses the split pattern at ", place, ": ",
                     ErrorText(error), "; install a PCRE2 with Unicode"));
  // Where the system forbids making code at run time, the interpreter runs.
  pcre2_jit_compile(pattern->code.get(), PCRE2_JIT_COMPLETE);
  pattern->context.reset(pcre2_match_context_create(nullptr));
  if (pattern->context == nullptr)
    return absl::ResourceExhaustedError("no memory for PCRE2");
  // A long run of spaces is tried once for each of them; that is linear.
  pcre2_set_match_limit(pattern->context.get(),
                        std::numeric_limits<uint32_t>::max());
  return PreSplitter(rule, std::move(pattern));
}

absl::Status PreSplitter::SplitValid(absl::string_view text,
                                     Visitor visit) const {
  const std::unique_ptr<pcre2_match_data, Free> match(
      pcre2_match_data_create(1, nullptr));
  if (match == nullptr)
    return absl::ResourceExhaustedError("no memory for PCRE2");
  const PCRE2_SIZE* const range = pcre2_get_ovector_pointer(match.get());
  for (size_t done = 0; done < text.size();) {
    size_t bytes = AsciiWord(rule_, text, done);
    if (bytes == 0) {
      // The text is known to be UTF-8; a check a call would be quadratic.
      const int found = pcre2_match(pattern_->code.get(),
                                    reinterpret_cast<PCRE2_SPTR>(text.data()),
                                    text.size(), done, PCRE2_NO_UTF_CHECK,
                                    match.get(), pattern_->context.get());
      // The patterns leave no character out, so a word begins where one ended.
      if (found < 0 || range[0] != done || range[1] <= done)
        return absl::InternalError(absl::StrCat(
            "PCRE2 cannot split the text at byte ", done, ": ",
            found < 0 ? ErrorText(found) : "a character belongs to no word"));
      bytes = range[1] - done;
    }
    visit(text.substr(done, bytes));
    done += bytes;
  }
  return absl::OkStatus();
}

absl::Status PreSplitter::ForEachWord(absl::string_view text,
                                      Visitor visit) const {
  while (!text.empty()) {
    const int64_t invalid = FindInvalidUtf8(text);
    const size_t valid =
        invalid < 0 ? text.size() : static_cast<size_t>(invalid);
    if (valid > 0)
      ARCHLAB_RETURN_IF_ERROR(SplitValid(text.substr(0, valid), visit));
    text.remove_prefix(valid);
    const size_t bad = InvalidBytes(text, 0);
    if (bad > 0) visit(text.substr(0, bad));
    text.remove_prefix(bad);
  }
  return absl::OkStatus();
}

}  // namespace archlab
