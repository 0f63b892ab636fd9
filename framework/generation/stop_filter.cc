// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/stop_filter.h"

#include <algorithm>

namespace archlab {
namespace {

// Length of the longest end of `text` that is a beginning of `stop`.
size_t OpenEnd(const std::string& text, const std::string& stop) {
  for (size_t n = std::min(text.size(), stop.size()); n > 0; --n)
    if (text.compare(text.size() - n, n, stop, 0, n) == 0) return n;
  return 0;
}

}  // namespace

std::string StopFilter::Release(size_t length) {
  std::string text = held_.substr(0, length);
  held_.erase(0, length);
  return text;
}

std::string StopFilter::Push(absl::string_view bytes) {
  if (stopped_) return "";
  held_ += characters_.Add(bytes);
  size_t first = std::string::npos, open = 0;
  for (const std::string& stop : stops_) {
    if (stop.empty()) continue;
    first = std::min(first, held_.find(stop));
    open = std::max(open, OpenEnd(held_, stop));
  }
  if (first == std::string::npos) return Release(held_.size() - open);
  stopped_ = true;
  return Release(first);
}

std::string StopFilter::Finish() {
  if (stopped_) return "";
  std::string text = Push("");
  if (stopped_) return text;
  text += Release(held_.size());
  return text + characters_.Finish();
}

}  // namespace archlab
