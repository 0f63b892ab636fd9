// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Durable files: what Close or Commit reported as done is on the disk, and
// a folder is there whole or not at all. Killing the process at any moment, or
// pulling the plug, leaves the old state or the new one, never a mixture.

#ifndef ARCHLAB_DURABLE_H_
#define ARCHLAB_DURABLE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace archlab {

// A status that says what could not be done to which file and why (errno).
// "no space left" and the like are RESOURCE_EXHAUSTED with a remedy.
absl::Status FileError(absl::string_view what, const std::string& path,
                       int error_number);

// A new file, written front to back. A file that is dropped before Close
// succeeded is whatever the disk holds: write into a StagedFolder.
class FileWriter {
 public:
  // The file must not exist.
  static absl::StatusOr<FileWriter> Create(const std::string& path);
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&&) = delete;
  ~FileWriter();

  absl::Status Write(const void* data, int64_t bytes);
  absl::Status Write(absl::string_view text) {
    return Write(text.data(), static_cast<int64_t>(text.size()));
  }
  // Flushes to the disk (fsync) and closes.
  absl::Status Close();

 private:
  FileWriter(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;
};

// A new durable file with this content.
absl::Status WriteNewFile(const std::string& path, absl::string_view content);
// The folder with everything in it; it is renamed to a hidden name first, so
// that nobody finds half of it. A folder that is not there is fine.
absl::Status RemoveFolder(const std::string& path);

// A folder that appears whole or not at all: it is filled at path(), a hidden
// neighbour of its final place that other processes do not touch, and moved
// there by Commit. Dropped before that, it is removed.
class StagedFolder {
 public:
  // Clears what earlier, killed writers left beside the final place.
  static absl::StatusOr<StagedFolder> Begin(const std::string& final_path);
  StagedFolder(StagedFolder&& other) noexcept;
  StagedFolder& operator=(StagedFolder&&) = delete;
  ~StagedFolder();

  const std::string& path() const { return path_; }
  // Moves the folder to its final place, which must be free or empty.
  // `crash_prefix` names the crash points "<prefix>.before_rename" and
  // "<prefix>.after_rename".
  absl::Status Commit(absl::string_view crash_prefix);

 private:
  StagedFolder(std::string path, std::string final_path)
      : path_(std::move(path)), final_path_(std::move(final_path)) {}
  std::string path_;  // empty: committed or moved from
  std::string final_path_;
};

}  // namespace archlab

#endif  // ARCHLAB_DURABLE_H_
