// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// UTF-8 that arrives in pieces: tokens end anywhere within a character, and a
// terminal must never be sent half of one.

#ifndef ARCHLAB_BASE_UTF8_H_
#define ARCHLAB_BASE_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"
#include "archlab/utf8.h"  // IWYU pragma: export

namespace archlab {

class Utf8Stream {
 public:
  // Takes bytes; returns the characters that are whole now. Bytes that cannot
  // be part of a character come out as U+FFFD, one for each.
  std::string Add(absl::string_view bytes);
  // The end: an unfinished character comes out as one U+FFFD.
  std::string Finish();

 private:
  std::string pending_;  // the beginning of a character, at most 3 bytes
};

}  // namespace archlab

#endif  // ARCHLAB_BASE_UTF8_H_
