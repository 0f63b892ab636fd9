// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reading files, and writing them atomically.

#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"

namespace archlab {
namespace {

// One read(2) or write(2) moves at most about 2 GiB.
constexpr int64_t kMostBytesACall = 1 << 30;

absl::string_view Remedy(int error) {
  switch (error) {
    case ENOENT:
      return "; check the spelling and the directory";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; check the permissions of the file and of its directories";
    case ENOSPC:
    case EDQUOT:
      return "; make room or choose another place";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files (ulimit -n)";
    default:
      return "";
  }
}

// "cannot ACTION 'PATH': No such file or directory; check ..."
absl::Status ErrnoError(absl::string_view action, const std::string& path,
                        int error) {
  // A file that may not grow is no fault of what the user wrote.
  return absl::Status(
      error == EFBIG ? absl::StatusCode::kResourceExhausted
                     : absl::ErrnoToStatusCode(error),
      absl::StrCat("cannot ", action, " '", path, "': ",
                   std::generic_category().message(error), Remedy(error)));
}

// Creates `path` with the content on the disk.
absl::Status WriteAndSync(const std::string& path, absl::string_view content) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return ErrnoError("create", path, errno);
  const int error = WriteAll(descriptor, content);
  absl::Status status =
      error == 0 ? absl::OkStatus() : ErrnoError("write", path, error);
  if (status.ok() && ::fsync(descriptor) != 0)
    status = ErrnoError("sync", path, errno);
  if (::close(descriptor) != 0 && status.ok())
    status = ErrnoError("close", path, errno);
  return status;
}

}  // namespace

int WriteAll(int descriptor, absl::string_view content) {
  while (!content.empty()) {
    const size_t count =
        std::min<size_t>(content.size(), size_t{kMostBytesACall});
    const ssize_t written = ::write(descriptor, content.data(), count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

std::string DirectoryOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

absl::StatusOr<FileReader> FileReader::Open(const std::string& path) {
  // Without O_NONBLOCK, opening a pipe would wait for a writer.
  const int descriptor =
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return ErrnoError("read", path, errno);
  struct stat info;
  if (::fstat(descriptor, &info) != 0) {
    const int error = errno;
    ::close(descriptor);
    return ErrnoError("read", path, error);
  }
  FileReader reader(path, descriptor, info.st_size);
  if (S_ISDIR(info.st_mode))
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot read '", path, "': it is a directory; name a file inside it"));
  if (!S_ISREG(info.st_mode))
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot read '", path,
        "': it is a pipe or a device; save its content in a file first"));
  return reader;
}

FileReader::FileReader(const std::string& path, int descriptor, int64_t bytes)
    : path_(path), descriptor_(descriptor), bytes_(bytes) {}

FileReader::FileReader(FileReader&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      bytes_(other.bytes_) {}

FileReader& FileReader::operator=(FileReader&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

FileReader::~FileReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

absl::Status FileReader::Read(int64_t offset, int64_t count,
                              std::string* out) const {
  out->resize(static_cast<size_t>(count));
  int64_t done = 0;
  while (done < count) {
    const ssize_t got =
        ::pread(descriptor_, out->data() + done,
                static_cast<size_t>(std::min(count - done, kMostBytesACall)),
                offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read", path_, errno);
    if (got == 0)
      return absl::DataLossError(absl::StrCat(
          "cannot read '", path_, "': it ends at byte ", offset + done, ", ",
          offset + count,
          " were expected; it was changed while it was being read"));
    done += got;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  ARCHLAB_ASSIGN_OR_RETURN(const FileReader reader, FileReader::Open(path));
  std::string content;
  ARCHLAB_RETURN_IF_ERROR(reader.Read(0, reader.bytes(), &content));
  return content;
}

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view content) {
  const std::string temporary = absl::StrCat(path, ".tmp.", ::getpid());
  absl::Status status = WriteAndSync(temporary, content);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0)
    status = ErrnoError("write", path, errno);
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  return SyncDirectory(DirectoryOf(path));
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return ErrnoError("make the directory", path, error.value());
  if (!std::filesystem::is_directory(path, error))
    return absl::AlreadyExistsError(
        absl::StrCat("cannot make the directory '", path,
                     "': a file has that name; choose another place"));
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return ErrnoError("open the directory", path, errno);
  // Some file systems cannot sync directories and say EINVAL; nothing to do.
  const bool synced = ::fsync(descriptor) == 0 || errno == EINVAL;
  const int error = errno;
  ::close(descriptor);
  if (!synced) return ErrnoError("sync the directory", path, error);
  return absl::OkStatus();
}

std::string ResolvePath(absl::string_view directory, absl::string_view path) {
  const std::filesystem::path written{std::string(path)};
  if (written.is_absolute() || directory.empty()) return written.string();
  const std::filesystem::path beside =
      std::filesystem::path{std::string(directory)} / written;
  std::error_code error;
  if (!std::filesystem::exists(beside, error) &&
      std::filesystem::exists(written, error))
    return written.string();
  return beside.string();
}

}  // namespace archlab
