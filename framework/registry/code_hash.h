// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Identity of machine code, for the identity of a run.

#ifndef ARCHLAB_CODE_HASH_H_
#define ARCHLAB_CODE_HASH_H_

#include <string>

#include "absl/status/statusor.h"

namespace archlab {

// SHA-256 (hex) of the executable sections of a shared library: unlike a hash
// of the file, it is the same after stripping, and does not see build ids,
// debug information or link times. Of the executable segments where the file
// has no section table. A process reads a file once, until the file changes
// (its size or time); any thread may ask.
absl::StatusOr<std::string> CodeSha256(const std::string& path);

// Path of the libarchlab.so that runs.
std::string LibraryPath();

}  // namespace archlab

#endif  // ARCHLAB_CODE_HASH_H_
