// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/analyses.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "archlab/file.h"
#include "archlab/status.h"
#include "base/file.h"
#include "base/sha256.h"

namespace archlab {
namespace {

using Record = nlohmann::ordered_json;

Record Describe(const StudyResults& results) {
  int seeds = 0;
  for (const StudyArm& arm : results.arms)
    if (arm.estimate) seeds = std::max(seeds, arm.estimate->count);
  std::string specs;
  for (const StudyArm& arm : results.arms)
    absl::StrAppend(&specs, arm.resolved, "\n");
  return {{"arms", Sha256Hex(specs).substr(0, 8)},
          {"seeds", seeds},
          {"metric", results.metric},
          {"alpha", 1 - results.level},
          {"margin", results.margin}};
}

std::string Sentence(const Record& record) {
  return absl::StrFormat(
      "%d seeds, %s, alpha %g, margin %g, arms %s", record.value("seeds", 0),
      record.value("metric", std::string()), record.value("alpha", 0.0),
      record.value("margin", 0.0), record.value("arms", std::string()));
}

}  // namespace

absl::Status RecordAnalysis(const std::string& folder, StudyResults* results) {
  const std::string file = folder + "/analyses.jsonl";
  const absl::StatusOr<std::string> text = ReadFile(file);
  std::vector<std::string> before;
  std::string kept;
  const Record now = Describe(*results);
  if (text.ok())
    for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
      const Record record =
          Record::parse(line.begin(), line.end(), nullptr, false);
      if (!record.is_object()) continue;
      absl::StrAppend(&kept, line, "\n");
      if (record != now) before.push_back(Sentence(record));
    }
  if (!before.empty())
    results->warnings.insert(
        results->warnings.begin(),
        absl::StrCat("Judged before with ", absl::StrJoin(before, "; "),
                     ". Looking again until it pleases finds more than alpha "
                     "allows; to look early, plan it: seeds.look."));
  const std::string line = now.dump();
  if (absl::StrContains(kept, line + "\n")) return absl::OkStatus();
  return WriteFileAtomically(file, absl::StrCat(kept, line, "\n"));
}

}  // namespace archlab
