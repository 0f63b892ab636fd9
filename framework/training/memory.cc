// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/memory.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace archlab {

namespace {

namespace fs = std::filesystem;

// The number in a file; -1: there is none ("max").
int64_t NumberIn(const fs::path& file) {
  std::ifstream stream(file);
  int64_t number = -1;
  return stream >> number ? number : -1;
}

int64_t AvailableIn(const std::string& meminfo) {
  std::ifstream file(meminfo);
  std::string name, unit;
  int64_t kibibytes = 0;
  while (file >> name >> kibibytes && std::getline(file, unit))
    if (name == "MemAvailable:") return kibibytes * 1024;
  return -1;
}

// What a group holds of files, and would give back.
int64_t Reclaimable(const fs::path& group) {
  std::ifstream file(group / "memory.stat");
  std::string name;
  int64_t bytes = 0;
  while (file >> name >> bytes)
    if (name == "inactive_file") return bytes;
  return 0;
}

// The path of this process's group of version 2, "/a/b"; the line is "0::/a/b".
std::string GroupIn(const std::string& own_cgroup) {
  std::ifstream file(own_cgroup);
  for (std::string line; std::getline(file, line);)
    if (absl::StartsWith(line, "0::/")) return line.substr(3);
  return "";
}

}  // namespace

MemoryNeed PredictMemory(int64_t parameters, DType compute, int slots) {
  const auto count = static_cast<double>(parameters);
  const double copy = compute == DType::kBF16 ? DTypeBytes(compute) : 0;
  MemoryNeed need;
  need.weights = count * (4 + copy);
  if (slots < 0) return need;
  need.gradients = count * (4 + 4);
  need.optimizer = count * 4 * slots;
  return need;
}

int64_t AvailableMemory() {
  return AvailableMemory("/proc/meminfo", "/proc/self/cgroup",
                         "/sys/fs/cgroup");
}

int64_t AvailableMemory(const std::string& meminfo,
                        const std::string& own_cgroup,
                        const std::string& cgroups) {
  int64_t available = AvailableIn(meminfo);
  // A group has at most what the groups above it have. In a container the path
  // may be that of the host, of which only the container's own part is there.
  fs::path group = GroupIn(own_cgroup);
  while (!group.empty()) {
    const fs::path folder = fs::path(cgroups) / group.relative_path();
    const int64_t most = NumberIn(folder / "memory.max");
    const int64_t used = NumberIn(folder / "memory.current");
    if (most >= 0 && used >= 0) {
      const int64_t left =
          std::max<int64_t>(0, most - used + Reclaimable(folder));
      available = available < 0 ? left : std::min(available, left);
    }
    if (group == group.parent_path()) break;
    group = group.parent_path();
  }
  return available;
}

absl::Status CheckMemory(const MemoryNeed& need, int64_t available) {
  if (available < 0 || need.total() <= static_cast<double>(available))
    return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "this run would take about ", FormatBytes(need.total()),
      " of memory, and ", FormatBytes(static_cast<double>(available)),
      " are free: weights ", FormatBytes(need.weights), ", gradients ",
      FormatBytes(need.gradients), ", optimizer state ",
      FormatBytes(need.optimizer), ", activations ",
      FormatBytes(need.activations),
      ". Make training.batch_sequences smaller and training.accumulate larger, "
      "or data.sequence_tokens, the width or the number of blocks smaller"));
}

std::string FormatBytes(double bytes) {
  const char* const units[] = {"bytes", "KiB", "MiB", "GiB",
                               "TiB",   "PiB", "EiB"};
  double value = bytes;
  int unit = 0;
  for (; value >= 1024 && unit < 6; ++unit) value /= 1024;
  return absl::StrFormat("%.*f %s", unit == 0 ? 0 : 1, value, units[unit]);
}

}  // namespace archlab
