// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/memory.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace archlab {

MemoryNeed PredictMemory(int64_t parameters, DType compute, int slots) {
  const int64_t copy = compute == DType::kBF16 ? DTypeBytes(compute) : 0;
  MemoryNeed need;
  need.weights = parameters * (4 + copy);
  if (slots < 0) return need;
  need.gradients = parameters * (4 + 4);
  need.optimizer = parameters * 4 * slots;
  return need;
}

int64_t AvailableMemory() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  int64_t kibibytes = 0;
  while (file >> name >> kibibytes && std::getline(file, unit))
    if (name == "MemAvailable:") return kibibytes * 1024;
  return -1;
}

absl::Status CheckMemory(const MemoryNeed& need, int64_t available) {
  if (available < 0 || need.total() <= available) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "this run would take about ", FormatBytes(need.total()),
      " of memory, and ", FormatBytes(available), " are free: weights ",
      FormatBytes(need.weights), ", gradients ", FormatBytes(need.gradients),
      ", optimizer state ", FormatBytes(need.optimizer), ", activations ",
      FormatBytes(need.activations),
      ". Make training.batch_sequences smaller and training.accumulate larger, "
      "or data.sequence_tokens, the width or the number of blocks smaller"));
}

std::string FormatBytes(int64_t bytes) {
  const char* const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  int unit = 0;
  for (; value >= 1024 && unit < 4; ++unit) value /= 1024;
  return absl::StrFormat("%.*f %s", unit == 0 ? 0 : 1, value, units[unit]);
}

}  // namespace archlab
