// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Lines, columns, carets.

#include "spec/source.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace archlab {
namespace {

constexpr size_t kExcerptBytes = 120;  // longer lines are cut

bool IsContinuation(char c) { return (c & 0xC0) == 0x80; }

// Moves `offset` down to the first byte of its character.
size_t CharacterStart(absl::string_view text, size_t offset) {
  while (offset > 0 && offset < text.size() && IsContinuation(text[offset]))
    --offset;
  return offset;
}

// What a terminal may show: control characters and broken UTF-8 as '?'.
std::string Printable(absl::string_view text) {
  std::string out(text);
  for (int64_t bad; (bad = FindInvalidUtf8(out)) >= 0;) out[bad] = '?';
  for (char& c : out)
    if ((c >= 0 && c < 0x20 && c != '\t') || c == 0x7F) c = '?';
  return out;
}

}  // namespace

Source::Source(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)), line_starts_{0} {
  for (size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
}

size_t Source::LineOf(size_t offset) const {
  return std::upper_bound(line_starts_.begin(), line_starts_.end(), offset) -
         line_starts_.begin() - 1;
}

absl::string_view Source::Line(size_t line) const {
  const size_t begin = line_starts_[line];
  size_t end = line + 1 < line_starts_.size() ? line_starts_[line + 1] - 1
                                              : text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  return absl::string_view(text_).substr(begin, end - begin);
}

std::string Source::Where(size_t offset) const {
  const size_t line = LineOf(offset);
  const absl::string_view before = absl::string_view(text_).substr(
      line_starts_[line], offset - line_starts_[line]);
  return absl::StrCat(name_, ":", line + 1, ":", CountCodePoints(before) + 1);
}

std::string Source::Excerpt(size_t offset) const {
  if (text_.empty()) return "";
  const size_t number = LineOf(offset);
  absl::string_view line = Line(number);
  size_t column = std::min(offset - line_starts_[number], line.size());
  absl::string_view head, tail;
  if (line.size() > kExcerptBytes) {
    const size_t begin = CharacterStart(
        line, column < kExcerptBytes / 2 ? 0 : column - kExcerptBytes / 2);
    const size_t end = CharacterStart(line, begin + kExcerptBytes);
    head = begin > 0 ? "..." : "";
    tail = end < line.size() ? "..." : "";
    line = line.substr(begin, end - begin);
    column -= begin;
  }
  const std::string shown(absl::StripTrailingAsciiWhitespace(Printable(line)));
  std::string blank(head.size(), ' ');
  for (const char c : line.substr(0, column))
    if (!IsContinuation(c)) blank += c == '\t' ? '\t' : ' ';
  return absl::StrCat("  ", head, shown, tail, "\n  ", blank, "^\n");
}

size_t Source::OffsetOf(int line, int column, Hint* hint) const {
  if (line < 0 || size_t(line) >= line_starts_.size()) return text_.size();
  if (line != hint->line || column < hint->column)
    *hint = {line, 0, line_starts_[line]};
  const size_t end = line_starts_[line] + Line(line).size();
  for (; hint->offset < end && hint->column < column; ++hint->offset)
    hint->column = text_[hint->offset] == '\t' ? (hint->column / 8 + 1) * 8
                                               : hint->column + 1;
  return hint->offset;
}

size_t Source::FirstBadByte() const {
  const int64_t bad = FindInvalidUtf8(text_);
  const size_t zero = text_.find('\0');
  return bad < 0 ? zero : std::min(static_cast<size_t>(bad), zero);
}

void SpecErrors::Add(Place place, absl::string_view path,
                     absl::string_view message) {
  if (full()) return;
  std::string text = absl::StrCat(path, path.empty() ? "" : ": ", message);
  for (const Error& each : errors_)
    if (each.place == place && each.text == text) return;
  errors_.push_back({place, std::move(text)});
}

absl::Status SpecErrors::ToStatus(const std::vector<Source>& sources) const {
  if (errors_.empty()) return absl::OkStatus();
  std::vector<Error> sorted = errors_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Error& a, const Error& b) {
                     return a.place.source != b.place.source
                                ? a.place.source < b.place.source
                                : a.place.offset < b.place.offset;
                   });
  std::string out;
  for (const Error& each : sorted) {
    const Source& source = sources[each.place.source];
    absl::StrAppend(&out, source.Where(each.place.offset), ": ", each.text,
                    "\n", source.Excerpt(each.place.offset));
  }
  if (full()) absl::StrAppend(&out, "(there may be more errors)\n");
  out.pop_back();
  return absl::InvalidArgumentError(out);
}

}  // namespace archlab
