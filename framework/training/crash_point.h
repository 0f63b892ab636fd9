// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Crash points: named places where a test can kill the process, to see that
// what it leaves behind can be picked up again.
//
// For tests only. ARCHLAB_CRASH_AT="checkpoint.before_rename:2" kills the
// process with SIGKILL when it passes the point of that name for the second
// time. Without the variable a point costs one getenv.

#ifndef ARCHLAB_CRASH_POINT_H_
#define ARCHLAB_CRASH_POINT_H_

#include "absl/strings/string_view.h"

namespace archlab {

// Dies here when ARCHLAB_CRASH_AT says so.
void CrashPoint(absl::string_view name);

}  // namespace archlab

#endif  // ARCHLAB_CRASH_POINT_H_
