// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Writing files so that a reader, or a run that is resumed after a crash, sees
// the old content or the new one, never a part. Reading is archlab/file.h.

#ifndef ARCHLAB_BASE_FILE_H_
#define ARCHLAB_BASE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "archlab/file.h"  // IWYU pragma: export

namespace archlab {

// Writes `<path>.tmp.<pid>`, syncs it, renames it to `path`, and syncs the
// directory. On an error `path` is as before and the temporary is gone.
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view content);

// Writes all of it, also what write(2) takes in parts. Returns 0 or the errno.
int WriteAll(int descriptor, absl::string_view content);

// "a" for "a/b", "." for "b": where a file or a directory stands.
std::string DirectoryOf(const std::string& path);

// Makes the directory and the missing ones above it. OK when it is there.
absl::Status MakeDirectories(const std::string& path);

// Makes a directory's entries (new names, renames) survive a power cut.
absl::Status SyncDirectory(const std::string& path);

// Where `path`, written in a spec of `directory`, points: an absolute path is
// itself; a relative one is looked for in `directory`, then in the working
// directory. When neither has it, the first, so that the error names it.
std::string ResolvePath(absl::string_view directory, absl::string_view path);

}  // namespace archlab

#endif  // ARCHLAB_BASE_FILE_H_
