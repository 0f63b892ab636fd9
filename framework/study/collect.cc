// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/collect.h"

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "archlab/file.h"
#include "training/run_folder.h"

namespace archlab {
namespace {

using nlohmann::json;

// The objects of metrics.jsonl; a line that is cut off ends them.
std::vector<json> ReadLinesOfMetrics(const std::string& file) {
  std::vector<json> lines;
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) return lines;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    if (line.empty()) continue;
    json parsed = json::parse(line.begin(), line.end(), nullptr, false);
    if (!parsed.is_object() || !parsed.contains("step")) break;
    lines.push_back(std::move(parsed));
  }
  return lines;
}

void CollectSeries(const std::vector<json>& lines, StudyRun* run) {
  std::map<std::string, Series> series;
  double tokens_before = 0;
  for (const json& line : lines) {
    const double step = line["step"].get<double>();
    for (const auto& [name, value] : line.items()) {
      if (!value.is_number() || name == "step" || name == "tokens" ||
          name == "flops")
        continue;
      Series& into = series[name];
      into.step.push_back(step);
      into.value.push_back(value.get<double>());
    }
    if (line.contains("tokens") && line.contains("tokens_per_second") &&
        line["tokens_per_second"].is_number()) {
      const double tokens = line["tokens"].get<double>();
      const double rate = line["tokens_per_second"].get<double>();
      if (rate > 0) run->seconds += (tokens - tokens_before) / rate;
      tokens_before = tokens;
    }
  }
  for (auto& [name, each] : series) {
    each.name = name;
    run->series.push_back(std::move(each));
  }
}

std::optional<double> ValueOf(spec::Metric metric, const StudyRun& run) {
  switch (metric) {
    case spec::VALIDATION_LOSS:
      return run.validation_loss;
    case spec::BITS_PER_BYTE:
      return run.bits_per_byte;
    case spec::ACCURACY:
      return run.accuracy;
  }
  return std::nullopt;
}

// What is null is no number.
std::vector<double> Numbers(const json& list) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> numbers;
  numbers.reserve(list.size());
  for (const json& each : list)
    numbers.push_back(each.is_number() ? each.get<double>() : kNone);
  return numbers;
}

}  // namespace

void CollectRun(spec::Metric metric, StudyRun* run) {
  const absl::StatusOr<RunFolder> folder = RunFolder::OpenToRead(run->folder);
  if (!folder.ok()) {
    if (run->error.empty()) run->error = std::string(folder.status().message());
    return;
  }
  const Run& record = folder->run();
  run->done = record.state() == DONE;
  run->steps = record.step();
  run->tokens = record.tokens();
  run->flops = record.flops();
  if (record.state() == FAILED && run->error.empty())
    run->error = record.error();
  CollectSeries(ReadLinesOfMetrics(folder->metrics_file()), run);
  if (!run->done) return;
  run->error.clear();
  run->validation_loss = record.validation_loss();
  if (record.has_bits_per_byte()) run->bits_per_byte = record.bits_per_byte();
  if (record.has_accuracy()) run->accuracy = record.accuracy();
  run->value = ValueOf(metric, *run);
}

bool CollectDetails(const std::string& file, SampleLosses* samples,
                    std::vector<PositionLoss>* positions) {
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) return false;
  const json details = json::parse(*text, nullptr, false);
  if (!details.is_object() || !details.contains("samples")) return false;
  const json& found = details["samples"];
  if (!found.contains("nats") || !found.contains("tokens")) return false;
  samples->nats = Numbers(found["nats"]);
  samples->tokens = Numbers(found["tokens"]);
  if (samples->nats.size() != samples->tokens.size()) return false;
  if (!details.contains("positions")) return true;
  for (const json& each : details["positions"]) {
    PositionLoss loss;
    loss.tokens = each.value("tokens", int64_t{0});
    loss.trained = each.value("trained", true);
    if (each.contains("loss")) loss.loss = Numbers(each["loss"]);
    positions->push_back(std::move(loss));
  }
  return true;
}

std::string DetailsFile(const std::string& run, const std::string& key) {
  return absl::StrCat(run, "/details", key.empty() ? "" : "-", key, ".json");
}
std::string SampleFile(const std::string& run) { return run + "/sample.txt"; }

}  // namespace archlab
