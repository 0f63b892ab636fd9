// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/tensorboard.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "archlab/status.h"
#include "base/file.h"
#include "training/durable.h"

namespace archlab {
namespace {

constexpr absl::string_view kPrefix = "events.out.tfevents.";
constexpr char kVersion[] = "brain.Event:2";

std::string HostName() {
  char name[HOST_NAME_MAX + 1] = {};
  if (gethostname(name, HOST_NAME_MAX) != 0 || name[0] == '\0')
    return "localhost";
  return name;
}

// Now, in seconds since 1970, or what makes the name follow those in `folder`:
// two sessions may lie in one second, and clocks are set back.
int64_t SecondsForName(const std::string& folder) {
  constexpr int64_t kMost = int64_t{1} << 40;  // what no clock says
  int64_t seconds = absl::ToUnixSeconds(absl::Now());
  std::error_code error;
  std::filesystem::directory_iterator it(folder, error), end;
  for (; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    absl::string_view rest = name;
    int64_t found = 0;
    if (absl::ConsumePrefix(&rest, kPrefix) &&
        absl::SimpleAtoi(rest.substr(0, rest.find('.')), &found) &&
        found < kMost)
      seconds = std::max(seconds, found + 1);
  }
  return seconds;
}

// The lowest byte first.
std::string LittleEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i)
    text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

std::string Framed(absl::string_view data) {
  const std::string length = LittleEndian(data.size(), 8);
  return absl::StrCat(length, LittleEndian(MaskedCrc32c(length), 4), data,
                      LittleEndian(MaskedCrc32c(data), 4));
}

}  // namespace

uint32_t Crc32c(absl::string_view data) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(data.data(), data.size());
  return crc.checksum();
}

// Turned and shifted, because a checksum of data that holds checksums is weak.
uint32_t MaskedCrc32c(absl::string_view data) {
  const uint32_t crc = Crc32c(data);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

absl::StatusOr<EventFile> EventFile::Create(const std::string& folder) {
  ARCHLAB_RETURN_IF_ERROR(MakeDirectories(folder));
  const std::string path =
      absl::StrCat(folder, "/", kPrefix, SecondsForName(folder), ".",
                   HostName(), ".", getpid());
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return FileError("cannot create", path, errno);
  return EventFile(path, fd);
}

EventFile::EventFile(EventFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

EventFile::~EventFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status EventFile::Append(tensorboard::Event event) {
  event.set_wall_time(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
  const int error = WriteAll(fd_, Framed(event.SerializeAsString()));
  if (error != 0) return FileError("cannot write", path_, error);
  return absl::OkStatus();
}

absl::Status EventFile::Begin(int64_t step) {
  tensorboard::Event version;
  version.set_file_version(kVersion);
  ARCHLAB_RETURN_IF_ERROR(Append(version));
  tensorboard::Event start;
  start.set_step(step + 1);  // this one and later ones are forgotten
  start.mutable_session_log()->set_status(tensorboard::SessionLog::START);
  return Append(start);
}

absl::Status EventFile::WriteScalars(
    int64_t step, const std::vector<std::pair<std::string, double>>& scalars) {
  tensorboard::Event event;
  event.set_step(step);
  for (const auto& [tag, value] : scalars) {
    tensorboard::Summary::Value& out = *event.mutable_summary()->add_value();
    out.set_tag(tag);
    out.set_simple_value(static_cast<float>(value));
  }
  return Append(event);
}

absl::Status EventFile::WriteStep(const StepMetrics& metrics) {
  std::vector<std::pair<std::string, double>> scalars = {
      {"train/loss", metrics.loss},
      {"train/lr", metrics.learning_rate},
      {"train/tokens", static_cast<double>(metrics.tokens)}};
  if (metrics.flops) scalars.emplace_back("train/flops", *metrics.flops);
  scalars.emplace_back("train/tokens_per_second", metrics.tokens_per_second);
  scalars.emplace_back("train/grad_norm", metrics.grad_norm);
  for (const auto& [name, value] : metrics.logs)
    scalars.emplace_back(absl::StrCat("train/", name), value);
  return WriteScalars(metrics.step, scalars);
}

absl::Status EventFile::WriteEvaluation(int64_t step, const Evaluation& found) {
  std::vector<std::pair<std::string, double>> scalars = {
      {"validation/loss", found.loss}};
  if (found.accuracy)
    scalars.emplace_back("validation/accuracy", *found.accuracy);
  if (found.bits_per_byte)
    scalars.emplace_back("validation/bits_per_byte", *found.bits_per_byte);
  return WriteScalars(step, scalars);
}

absl::Status EventFile::Sync() {
  if (fsync(fd_) != 0) return FileError("cannot write to disk", path_, errno);
  return absl::OkStatus();
}

}  // namespace archlab
