// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/report.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "base/file.h"

namespace archlab {

absl::Status CheckReportFolder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(folder, error) || fs::is_empty(folder, error) ||
      fs::exists(folder + "/report.html", error))
    return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat(
      folder, ": is there and holds no report; choose another with --folder"));
}

absl::Status WriteReport(const StudyResults& results,
                         const std::string& folder) {
  ARCHLAB_RETURN_IF_ERROR(MakeDirectories(folder));
  const std::pair<const char*, std::string> files[] = {
      {"report.html", ReportHtml(results)},
      {"report.md", ReportMarkdown(results)},
      {"results.csv", ResultsCsv(results)},
      {"results.jsonl", ResultsJsonl(results)},
      {"arms.jsonl", ArmsJsonl(results)},
      {"timings.jsonl", TimingsJsonl(results)},
  };
  for (const auto& [name, content] : files)
    ARCHLAB_RETURN_IF_ERROR(
        WriteFileAtomically(absl::StrCat(folder, "/", name), content));
  return absl::OkStatus();
}

}  // namespace archlab
