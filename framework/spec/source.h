// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Source: a text that a spec comes from (the file, or one override), and the
// errors that point into it.

#ifndef ARCHLAB_SOURCE_H_
#define ARCHLAB_SOURCE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace archlab {

// A place in one of the sources of a spec.
struct Place {
  int source = 0;     // index: 0 the file, k the k-th override
  size_t offset = 0;  // in bytes
  friend bool operator==(const Place& a, const Place& b) {
    return a.source == b.source && a.offset == b.offset;
  }
};

// A named text.
class Source {
 public:
  Source(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }

  // "name:line:col" of a byte. Lines and columns count from 1; a column is a
  // character (code point), and a tab is one character.
  std::string Where(size_t offset) const;
  // The line around a byte and below it a caret: two lines, each ended. Long
  // lines are cut round the place. Empty when the text is empty.
  std::string Excerpt(size_t offset) const;
  // Byte of (line, column) as protobuf's tokenizer counts them: from 0, tabs to
  // multiples of 8. Past the line's end: its end. `hint` makes a series of
  // growing places linear in the text.
  struct Hint {
    int line = 0, column = 0;
    size_t offset = 0;
  };
  size_t OffsetOf(int line, int column, Hint* hint) const;
  // First byte that keeps the text from being UTF-8 text (a zero byte, or an
  // invalid sequence); npos when there is none.
  size_t FirstBadByte() const;

 private:
  size_t LineOf(size_t offset) const;  // index into line_starts_
  absl::string_view Line(size_t line) const;

  std::string name_, text_;
  std::vector<size_t> line_starts_;
};

// Everything that is wrong with a spec.
class SpecErrors {
 public:
  // Not more are kept: a hostile file has as many errors as bytes.
  static constexpr size_t kMax = 100;

  // `path` is the place inside the spec, such as "training.steps"; empty for
  // an error of syntax.
  void Add(Place place, absl::string_view path, absl::string_view message);
  bool empty() const { return errors_.empty(); }
  bool full() const { return errors_.size() >= kMax; }
  // OK, or InvalidArgument with every error, sorted by place, each with caret.
  absl::Status ToStatus(const std::vector<Source>& sources) const;

 private:
  struct Error {
    Place place;
    std::string text;
  };
  std::vector<Error> errors_;
};

}  // namespace archlab

#endif  // ARCHLAB_SOURCE_H_
