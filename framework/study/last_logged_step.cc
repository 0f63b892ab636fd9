// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/last_logged_step.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "archlab/file.h"

namespace archlab {

int64_t LastLoggedStep(const std::string& run) {
  constexpr absl::string_view kName = "{\"step\":";
  constexpr int64_t kTail = 8192;
  const absl::StatusOr<FileReader> file =
      FileReader::Open(run + "/metrics.jsonl");
  if (!file.ok()) return 0;
  const int64_t from = std::max<int64_t>(0, file->bytes() - kTail);
  std::string tail;
  if (!file->Read(from, file->bytes() - from, &tail).ok()) return 0;
  const size_t at = tail.rfind(kName.data(), std::string::npos, kName.size());
  if (at == std::string::npos) return 0;
  const absl::string_view number =
      absl::string_view(tail).substr(at + kName.size());
  int64_t step = 0;
  return absl::SimpleAtoi(number.substr(0, number.find_first_of(",}")), &step)
             ? step
             : 0;
}

}  // namespace archlab
