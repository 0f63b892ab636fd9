// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/durable.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "archlab/status.h"
#include "base/file.h"
#include "training/crash_point.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;

std::string Hidden(const std::string& path, absl::string_view suffix) {
  const fs::path place(path);
  return (place.parent_path() /
          absl::StrCat(".", place.filename().string(), suffix))
      .string();
}

// Whether the process still runs, whoever's it is.
bool Alive(pid_t process) { return kill(process, 0) == 0 || errno == EPERM; }

absl::Status RemoveTree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return FileError("cannot remove", path, error.value());
  return absl::OkStatus();
}

// Removes the folders "<prefix><process>" of processes that are gone, and this
// one's.
absl::Status RemoveAbandoned(const std::string& prefix) {
  std::vector<std::string> abandoned;
  std::error_code error;
  fs::directory_iterator it(DirectoryOf(prefix), error), end;
  for (; !error && it != end; it.increment(error)) {
    const std::string path =
        (fs::path(prefix).parent_path() / it->path().filename()).string();
    absl::string_view process = path;
    pid_t id = 0;
    if (absl::ConsumePrefix(&process, prefix) &&
        absl::SimpleAtoi(process, &id) && (id == getpid() || !Alive(id)))
      abandoned.push_back(path);
  }
  for (const std::string& path : abandoned)
    ARCHLAB_RETURN_IF_ERROR(RemoveTree(path));
  return absl::OkStatus();
}

}  // namespace

absl::Status FileError(absl::string_view what, const std::string& path,
                       int error_number) {
  const std::string message =
      absl::StrCat(path, ": ", what, ": ", std::strerror(error_number));
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG)
    return absl::ResourceExhaustedError(
        absl::StrCat(message, "; make room, then continue with --resume"));
  return absl::Status(absl::ErrnoToStatusCode(error_number), message);
}

absl::StatusOr<FileWriter> FileWriter::Create(const std::string& path) {
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return FileError("cannot create", path, errno);
  return FileWriter(path, fd);
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

FileWriter::~FileWriter() {
  if (fd_ >= 0) close(fd_);
}

absl::Status FileWriter::Write(const void* data, int64_t bytes) {
  const int error = WriteAll(
      fd_, {static_cast<const char*>(data), static_cast<size_t>(bytes)});
  return error == 0 ? absl::OkStatus()
                    : FileError("cannot write", path_, error);
}

absl::Status FileWriter::Close() {
  if (fsync(fd_) != 0) return FileError("cannot write to disk", path_, errno);
  if (close(std::exchange(fd_, -1)) != 0)
    return FileError("cannot close", path_, errno);
  return absl::OkStatus();
}

absl::Status WriteNewFile(const std::string& path, absl::string_view content) {
  ARCHLAB_ASSIGN_OR_RETURN(FileWriter file, FileWriter::Create(path));
  ARCHLAB_RETURN_IF_ERROR(file.Write(content));
  return file.Close();
}

absl::Status RemoveFolder(const std::string& path) {
  const std::string hidden = Hidden(path, ".removed");
  ARCHLAB_RETURN_IF_ERROR(RemoveTree(hidden));
  if (rename(path.c_str(), hidden.c_str()) != 0)
    return errno == ENOENT ? absl::OkStatus()
                           : FileError("cannot remove", path, errno);
  CrashPoint("remove.after_rename");
  return RemoveTree(hidden);
}

absl::StatusOr<StagedFolder> StagedFolder::Begin(
    const std::string& final_path) {
  const std::string stages = Hidden(final_path, ".partial.");
  ARCHLAB_RETURN_IF_ERROR(RemoveAbandoned(stages));
  const std::string path = absl::StrCat(stages, getpid());
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return FileError("cannot create", path, error.value());
  return StagedFolder(path, final_path);
}

StagedFolder::StagedFolder(StagedFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      final_path_(std::move(other.final_path_)) {}

StagedFolder::~StagedFolder() {
  if (!path_.empty()) RemoveTree(path_).IgnoreError();
}

absl::Status StagedFolder::Commit(absl::string_view crash_prefix) {
  ARCHLAB_RETURN_IF_ERROR(SyncDirectory(path_));
  CrashPoint(absl::StrCat(crash_prefix, ".before_rename"));
  if (rename(path_.c_str(), final_path_.c_str()) != 0)
    return FileError("cannot move the finished folder to", final_path_, errno);
  path_.clear();
  CrashPoint(absl::StrCat(crash_prefix, ".after_rename"));
  return SyncDirectory(DirectoryOf(final_path_));
}

}  // namespace archlab
