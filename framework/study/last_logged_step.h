// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#ifndef ARCHLAB_LAST_LOGGED_STEP_H_
#define ARCHLAB_LAST_LOGGED_STEP_H_

#include <cstdint>
#include <string>

namespace archlab {

// The last step that a run logged; 0: none yet. Reads a few hundred bytes,
// whatever the length of metrics.jsonl.
int64_t LastLoggedStep(const std::string& run);

}  // namespace archlab

#endif  // ARCHLAB_LAST_LOGGED_STEP_H_
