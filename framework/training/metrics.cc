// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/metrics.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "base/file.h"
#include "training/crash_point.h"
#include "training/durable.h"

namespace archlab {
namespace {

// A line keeps the order of its fields.
using Line = nlohmann::ordered_json;

std::string Print(const Line& line) {
  return line.dump(-1, ' ', false, Line::error_handler_t::replace) + "\n";
}

// Where the last whole line of the first `limit` bytes ends.
absl::StatusOr<int64_t> EndOfLines(const std::string& path, int64_t limit) {
  ARCHLAB_ASSIGN_OR_RETURN(const FileReader file, FileReader::Open(path));
  constexpr int64_t kPiece = 1 << 16;
  std::string piece;
  int64_t end = std::min(limit, file.bytes());
  while (end > 0) {
    const int64_t begin = std::max<int64_t>(0, end - kPiece);
    ARCHLAB_RETURN_IF_ERROR(file.Read(begin, end - begin, &piece));
    const size_t last = piece.rfind('\n');
    if (last != std::string::npos)
      return begin + static_cast<int64_t>(last) + 1;
    end = begin;
  }
  return end;
}

}  // namespace

absl::StatusOr<MetricsFile> MetricsFile::Open(const std::string& path) {
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return FileError("cannot open", path, errno);
  return MetricsFile(path, fd, 0);
}

absl::Status MetricsFile::Shorten(int64_t keep_bytes, std::string* warning) {
  ARCHLAB_ASSIGN_OR_RETURN(bytes_, EndOfLines(path_, keep_bytes));
  if (bytes_ != keep_bytes)
    *warning = absl::StrCat(
        path_, ": has ", bytes_, " bytes of whole lines where the ",
        "checkpoint knows of ", keep_bytes,
        "; metrics of earlier steps are missing, the weights are not affected");
  if (ftruncate(fd_, bytes_) != 0)
    return FileError("cannot shorten", path_, errno);
  return absl::OkStatus();
}

MetricsFile::MetricsFile(MetricsFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      bytes_(other.bytes_) {}

MetricsFile::~MetricsFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status MetricsFile::Append(const std::string& line) {
  if (const int error = WriteAll(fd_, line); error != 0)
    return FileError("cannot write", path_, error);
  CrashPoint("metrics.written");
  bytes_ += static_cast<int64_t>(line.size());
  return absl::OkStatus();
}

absl::Status MetricsFile::WriteStep(const StepMetrics& metrics) {
  Line line = {{"step", metrics.step},
               {"loss", metrics.loss},
               {"lr", metrics.learning_rate},
               {"tokens", metrics.tokens}};
  if (metrics.flops) line["flops"] = *metrics.flops;
  line["tokens_per_second"] = metrics.tokens_per_second;
  line["grad_norm"] = metrics.grad_norm;
  for (const auto& [name, value] : metrics.logs) line[name] = value;
  return Append(Print(line));
}

absl::Status MetricsFile::WriteEvaluation(int64_t step,
                                          const Evaluation& found) {
  Line line = {{"step", step}, {"validation_loss", found.loss}};
  if (found.accuracy) line["accuracy"] = *found.accuracy;
  if (found.bits_per_byte) line["bits_per_byte"] = *found.bits_per_byte;
  line["whole"] = found.whole;
  return Append(Print(line));
}

absl::Status MetricsFile::Sync() {
  if (fsync(fd_) != 0) return FileError("cannot write to disk", path_, errno);
  return absl::OkStatus();
}

}  // namespace archlab
