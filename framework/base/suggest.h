// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// "Did you mean ...?": the name that a mistyped one was probably meant to be.

#ifndef ARCHLAB_SUGGEST_H_
#define ARCHLAB_SUGGEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace archlab {

// Insertions, deletions, substitutions and swaps of neighbours that turn a
// into b (optimal string alignment distance), bytes.
int EditDistance(absl::string_view a, absl::string_view b);

// The candidate nearest to `name`, or "" when none is near: at most a third of
// the name's length in edits, at least one; case is ignored. The first wins a
// tie.
std::string Nearest(absl::string_view name,
                    const std::vector<std::string>& candidates);

// " Did you mean 'dense'?", or "" when none is near.
std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates);

}  // namespace archlab

#endif  // ARCHLAB_SUGGEST_H_
