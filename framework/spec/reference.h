// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The spec reference: every message that a spec can hold, from the comments
// and options of the .proto files.

#ifndef ARCHLAB_REFERENCE_H_
#define ARCHLAB_REFERENCE_H_

#include <string>

#include "absl/status/statusor.h"

namespace archlab {

// Markdown. `source` is the root of the source tree, with protos/ and plugins/.
absl::StatusOr<std::string> SpecReference(const std::string& source);

}  // namespace archlab

#endif  // ARCHLAB_REFERENCE_H_
