// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// TextCursor: goes through a file character by character and holds a megabyte
// of it at a time, because a corpus may be larger than the memory.

#ifndef ARCHLAB_DATASET_TEXT_TEXT_CURSOR_H_
#define ARCHLAB_DATASET_TEXT_TEXT_CURSOR_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "archlab/file.h"

namespace archlab {

class TextCursor {
 public:
  // Bytes begin .. end - 1 of the file. Characters are UTF-8, or single bytes.
  // `history`: how many bytes back Tail can look.
  TextCursor(FileReader file, int64_t begin, int64_t end, bool utf8,
             size_t history)
      : file_(std::move(file)),
        end_(end),
        read_(begin),
        utf8_(utf8),
        history_(history) {}

  // Goes over one character. False at the end, and on an error: see status().
  bool Next();
  const absl::Status& status() const { return status_; }

  // File offset of the byte after the characters so far.
  int64_t offset() const {
    return read_ - static_cast<int64_t>(text_.size() - at_);
  }
  // The character that Next went over.
  char32_t value() const { return value_; }
  // The last bytes gone over, up to `history` of them.
  absl::string_view Tail(size_t bytes) const {
    return absl::string_view(text_).substr(at_ - bytes, bytes);
  }

 private:
  bool Refill();   // false at the end of the file and on an error
  bool NotUtf8();  // sets the status

  FileReader file_;
  const int64_t end_;
  int64_t read_;  // bytes of the file up to the end of text_
  const bool utf8_;
  const size_t history_;
  std::string text_;  // part of the file
  size_t at_ = 0;     // in text_: end of the character gone over
  char32_t value_ = 0;
  int64_t line_ = 1, column_ = 1;  // of the next character
  absl::Status status_;
};

}  // namespace archlab

#endif  // ARCHLAB_DATASET_TEXT_TEXT_CURSOR_H_
