// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// FolderLock: one process at a time works in a folder.

#ifndef ARCHLAB_FOLDER_LOCK_H_
#define ARCHLAB_FOLDER_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace archlab {

// Holds FOLDER/lock. The kernel gives it back when the process ends, however it
// ends.
class FolderLock {
 public:
  // FailedPrecondition where another process has it; `busy` says what it does
  // and the remedy: "another process is training this run; ...".
  static absl::StatusOr<FolderLock> Take(const std::string& folder,
                                         absl::string_view busy);
  FolderLock() = default;  // holds nothing
  FolderLock(FolderLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace archlab

#endif  // ARCHLAB_FOLDER_LOCK_H_
