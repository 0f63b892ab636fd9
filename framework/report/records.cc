// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "nlohmann/json.hpp"
#include "report/report.h"
#include "report/summary.h"
#include "report/text.h"
#include "study/analyze.h"

namespace archlab {
namespace {

using Record = nlohmann::ordered_json;

Record Number(const std::optional<double>& value) {
  return value ? Record(*value) : Record(nullptr);
}

// Numbers that are not finite become null.
std::string Dump(const Record& value) {
  return value.dump(-1, ' ', false, Record::error_handler_t::replace);
}

Record ResultOf(const StudyResults& results, const StudyRun& run) {
  Record line;
  line["arm"] = report::CleanText(run.arm);
  line["seed"] = run.seed;
  line["state"] = report::RunState(run);
  line["metric"] = report::CleanText(results.metric);
  line["value"] = Number(run.value);
  line["validation_loss"] = Number(run.validation_loss);
  line["bits_per_byte"] = Number(run.bits_per_byte);
  line["accuracy"] = Number(run.accuracy);
  line["steps"] = run.steps;
  line["tokens"] = run.tokens;
  line["flops"] = run.flops > 0 ? Record(run.flops) : Record(nullptr);
  return line;
}

void AddInterval(const Interval& interval, Record* line) {
  (*line)["low"] = interval.low;
  (*line)["high"] = interval.high;
}

Record ArmRecord(const StudyArm& arm) {
  Record line;
  line["arm"] = report::CleanText(arm.name);
  if (arm.estimate) {
    Record& mean = line["mean"];
    mean["seeds"] = arm.estimate->count;
    mean["value"] = arm.estimate->mean;
    AddInterval(arm.estimate->interval, &mean);
  }
  if (arm.difference) {
    Record& difference = line["difference"];
    difference["seeds"] = arm.difference->pairs;
    difference["value"] = arm.difference->mean;
    AddInterval(arm.difference->interval, &difference);
    difference["p"] = arm.difference->p;
    difference["p_holm"] = arm.adjusted_p;
    difference["detectable"] = arm.detectable;
    difference["verdict"] = VerdictName(arm.verdict);
  }
  if (!arm.apart.empty()) line["apart"] = report::CleanText(arm.apart);
  line["parameters"] = arm.budgets.parameters;
  line["active_parameters"] = arm.budgets.active_parameters;
  line["training_flops"] = arm.budgets.training_flops;
  line["kv_cache_bytes"] = arm.budgets.kv_cache_bytes;
  line["training_bytes"] = arm.budgets.training_bytes;
  return line;
}

std::string CsvField(const Record& value) {
  if (!value.is_string()) {
    const std::string text = Dump(value);
    return text == "null" ? "" : text;
  }
  const auto& text = value.get_ref<const std::string&>();
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string ResultsCsv(const StudyResults& results) {
  // The header is that of any run.
  std::string csv;
  const Record any = ResultOf(results, {});
  for (const auto& [key, value] : any.items())
    absl::StrAppend(&csv, csv.empty() ? "" : ",", key);
  csv += '\n';
  for (const StudyRun& run : results.runs) {
    absl::string_view comma = "";
    const Record line = ResultOf(results, run);
    for (const auto& [key, value] : line.items()) {
      absl::StrAppend(&csv, comma, CsvField(value));
      comma = ",";
    }
    csv += '\n';
  }
  return csv;
}

std::string ArmsJsonl(const StudyResults& results) {
  std::string lines;
  for (const StudyArm& arm : results.arms)
    absl::StrAppend(&lines, Dump(ArmRecord(arm)), "\n");
  return lines;
}

std::string ResultsJsonl(const StudyResults& results) {
  std::string lines;
  for (const StudyRun& run : results.runs)
    absl::StrAppend(&lines, Dump(ResultOf(results, run)), "\n");
  return lines;
}

std::string TimingsJsonl(const StudyResults& results) {
  std::string lines;
  for (const StudyRun& run : results.runs) {
    const bool known = run.seconds > 0;
    Record line;
    line["arm"] = report::CleanText(run.arm);
    line["seed"] = run.seed;
    line["seconds"] = known ? Record(run.seconds) : Record(nullptr);
    line["tokens_per_second"] =
        known ? Record(static_cast<double>(run.tokens) / run.seconds)
              : Record(nullptr);
    absl::StrAppend(&lines, Dump(line), "\n");
  }
  return lines;
}

}  // namespace archlab
