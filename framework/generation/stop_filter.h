// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// StopFilter: lets text through as whole UTF-8 characters, and ends it before
// the first of the stop texts.

#ifndef ARCHLAB_STOP_FILTER_H_
#define ARCHLAB_STOP_FILTER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/utf8.h"

namespace archlab {

class StopFilter {
 public:
  explicit StopFilter(const std::vector<std::string>& stops) : stops_(stops) {}

  // Takes the bytes of a token; returns the text that may be shown now. Text
  // that could still become a stop text is held back.
  std::string Push(absl::string_view bytes);
  // What was held back, at the end of the generation.
  std::string Finish();
  // A stop text was found; Push and Finish return nothing more.
  bool stopped() const { return stopped_; }

 private:
  std::string Release(size_t length);

  const std::vector<std::string>& stops_;
  Utf8Stream characters_;
  std::string held_;
  bool stopped_ = false;
};

}  // namespace archlab

#endif  // ARCHLAB_STOP_FILTER_H_
