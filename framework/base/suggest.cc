// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// "Did you mean ...?"; see suggest.h.

#include "base/suggest.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace archlab {

int EditDistance(absl::string_view a, absl::string_view b) {
  // Three rows of the table: before[j], above[j], row[j] are the distances of
  // a[0, i-2), a[0, i-1), a[0, i) to b[0, j).
  std::vector<int> before, above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    before = std::move(above);
    above = std::move(row);
    row.assign(b.size() + 1, static_cast<int>(i));
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1,
                         above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string Nearest(absl::string_view name,
                    const std::vector<std::string>& candidates) {
  // Names that people mistype are short; a hostile one is not measured.
  constexpr size_t kLongestName = 200;
  if (name.size() > kLongestName) return "";
  const std::string lower = absl::AsciiStrToLower(name);
  int limit = std::max<int>(1, static_cast<int>(name.size()) / 3);
  std::string nearest;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kLongestName) continue;
    const int edits = EditDistance(lower, absl::AsciiStrToLower(candidate));
    if (edits > limit) continue;
    if (edits == limit && !nearest.empty()) continue;
    limit = edits;
    nearest = candidate;
  }
  return nearest;
}

std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(name, candidates);
  if (nearest.empty()) return "";
  return absl::StrCat(" Did you mean '", nearest, "'?");
}

}  // namespace archlab
