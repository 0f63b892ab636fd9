// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reading files. Every error names the path and says what to do; no error is
// about the caller's code. Only regular files are read: a pipe or a device has
// no size, cannot be read twice, and could be endless.

#ifndef ARCHLAB_FILE_H_
#define ARCHLAB_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace archlab {

// The whole content of a file.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// The same, but what gzip has packed is unpacked.
absl::StatusOr<std::string> ReadUnpacked(const std::string& path);

// The lines of a UTF-8 text, which gzip may have packed, without their ends (LF
// or CRLF) and without a byte order mark. Refuses other bytes than UTF-8.
absl::StatusOr<std::vector<std::string>> ReadLines(const std::string& path);

// An open file that is read in pieces. Can be moved, not copied.
class FileReader {
 public:
  static absl::StatusOr<FileReader> Open(const std::string& path);
  FileReader(FileReader&& other) noexcept;
  FileReader& operator=(FileReader&& other) noexcept;
  ~FileReader();

  // Size when it was opened.
  int64_t bytes() const { return bytes_; }
  const std::string& path() const { return path_; }
  // Replaces `out` by the bytes offset .. offset + count - 1. A file that has
  // become shorter since is an error.
  absl::Status Read(int64_t offset, int64_t count, std::string* out) const;

 private:
  FileReader(const std::string& path, int descriptor, int64_t bytes);
  std::string path_;
  int descriptor_ = -1;
  int64_t bytes_ = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_FILE_H_
