// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/describe.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "archlab/file.h"
#include "study/budget.h"
#include "study/collect.h"
#include "study/study_run.h"

namespace archlab {
namespace {

constexpr double kUnequal = 0.05;  // relative difference of a budget
constexpr int kFewSeeds = 3;
constexpr uint64_t kBootstrapSeed = 1;

// The mean of what the runs of an arm have; 0: none has it.
template <class Get>
double MeanOf(const StudyResults& results, const std::string& arm, Get get) {
  double sum = 0;
  int count = 0;
  for (const StudyRun& run : results.runs) {
    const double value = run.arm == arm && run.done ? get(run) : 0;
    if (value <= 0) continue;
    sum += value;
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

// What a line of /proc says behind its name: "model name : X".
std::string FromProc(const char* file, absl::string_view name) {
  FILE* const in = std::fopen(file, "r");
  if (in == nullptr) return "";
  char line[512];
  std::string found;
  while (found.empty() && std::fgets(line, sizeof line, in) != nullptr) {
    const absl::string_view text(line);
    if (!absl::StartsWith(text, name)) continue;
    const size_t colon = text.find(':');
    if (colon != absl::string_view::npos)
      found = std::string(absl::StripAsciiWhitespace(text.substr(colon + 1)));
  }
  std::fclose(in);
  return found;
}

// Documents of baseline and arm, the mean over the seeds that both have.
bool PairedDocuments(const StudyResults& results, const std::string& baseline,
                     const std::string& arm, const std::string& key,
                     Documents* documents) {
  std::map<int64_t, SampleLosses> first;
  int pairs = 0;
  for (const std::string& name : {baseline, arm})
    for (const StudyRun& run : results.runs) {
      if (run.arm != name || !run.done) continue;
      SampleLosses found;
      std::vector<PositionLoss> positions;
      if (!CollectDetails(DetailsFile(run.folder, key), &found, &positions))
        continue;
      if (name == baseline) {
        first[run.seed] = std::move(found);
        continue;
      }
      const auto at = first.find(run.seed);
      if (at == first.end()) continue;
      if (at->second.tokens != found.tokens || found.tokens.empty())
        return false;  // other documents, or other tokens
      const size_t count = found.tokens.size();
      documents->baseline.resize(count);
      documents->arm.resize(count);
      documents->tokens = found.tokens;
      for (size_t i = 0; i < count; ++i) {
        documents->baseline[i] += at->second.nats[i];
        documents->arm[i] += found.nats[i];
      }
      ++pairs;
    }
  if (pairs == 0) return false;
  for (size_t i = 0; i < documents->tokens.size(); ++i) {
    documents->baseline[i] /= pairs;
    documents->arm[i] /= pairs;
  }
  return true;
}

// Positions are the mean over an arm's runs, kept with its first run.
void AddPositions(const std::string& key, StudyResults* results) {
  for (StudyRun& run : results->runs) {
    SampleLosses samples;
    if (run.done)
      CollectDetails(DetailsFile(run.folder, key), &samples, &run.positions);
  }
}

void WarnOfBudget(const StudyResults& results, double Budgets::*budget,
                  const std::string& name, std::vector<std::string>* warnings) {
  const double base = results.arms[0].budgets.*budget;
  if (base <= 0) return;
  double least = 1, most = 1;
  for (const StudyArm& arm : results.arms) {
    if (!arm.apart.empty() || arm.budgets.*budget <= 0) continue;
    least = std::min(least, arm.budgets.*budget / base);
    most = std::max(most, arm.budgets.*budget / base);
  }
  if (least > 1 - kUnequal && most < 1 + kUnequal) return;
  warnings->push_back(absl::StrFormat(
      "Unequal %s: arms have %.2f to %.2f times the baseline's%s.", name, least,
      most,
      results.matched.empty()
          ? ""
          : absl::StrCat(" (", results.matched, " was matched)")));
}

// What was matched beforehand must have come out so: "", or who is off.
std::string NotMatched(const StudyPlan& plan, const StudyResults& results) {
  if (!plan.study().has_budget()) return "";
  const spec::Budget& budget = plan.study().budget();
  const double base = BudgetOf(results.arms[0].budgets, budget.match());
  // Seconds are never the same twice.
  const double allowed = budget.match() == spec::WALL_CLOCK
                             ? std::max(0.1, budget.tolerance())
                             : budget.tolerance();
  std::vector<std::string> off;
  for (const StudyArm& arm : results.arms) {
    const double ratio =
        base > 0 ? BudgetOf(arm.budgets, budget.match()) / base : 0;
    if (ratio > 0 && std::abs(ratio - 1) > allowed)
      off.push_back(absl::StrFormat("%s has %.3f times", arm.name, ratio));
  }
  if (off.empty()) return "";
  return absl::StrCat("Not matched after all: of ", BudgetName(budget.match()),
                      " as measured ", absl::StrJoin(off, ", "),
                      " the baseline's.");
}

}  // namespace

void FillMeasured(StudyResults* results) {
  for (StudyArm& arm : results->arms) {
    // What was counted beforehand does not stand in for what ran.
    arm.budgets.training_flops =
        MeanOf(*results, arm.name, [](const StudyRun& r) { return r.flops; });
    arm.budgets.seconds =
        MeanOf(*results, arm.name, [](const StudyRun& r) { return r.seconds; });
    arm.tokens_per_second = MeanOf(*results, arm.name, [](const StudyRun& r) {
      return r.seconds > 0 ? static_cast<double>(r.tokens) / r.seconds : 0;
    });
  }
}

void AddWarnings(StudyResults* results) {
  std::vector<std::string> warnings;
  int fewest = kFewSeeds;
  for (const StudyArm& arm : results->arms)
    if (arm.difference) fewest = std::min(fewest, arm.difference->pairs);
  if (fewest < kFewSeeds)
    warnings.push_back(absl::StrCat("Too few seeds: with ", fewest,
                                    fewest == 1 ? " seed" : " seeds",
                                    " an arm, intervals are wide or unknown."));
  for (const StudyArm& arm : results->arms)
    if (!arm.apart.empty())
      warnings.push_back(
          absl::StrCat("Arm ", arm.name, " is not compared: ", arm.apart, "."));
  WarnOfBudget(*results, &Budgets::training_flops, "training FLOPs", &warnings);
  WarnOfBudget(*results, &Budgets::parameters, "parameters", &warnings);
  WarnOfBudget(*results, &Budgets::kv_cache_bytes, "KV caches", &warnings);
  results->warnings.insert(results->warnings.begin(), warnings.begin(),
                           warnings.end());
}

std::vector<std::pair<std::string, std::string>> MachineFacts(
    const RunIdentity& identity, const std::string& archlab_version) {
  utsname system = {};
  uname(&system);
  return {
      {"archlab", absl::StrCat(archlab_version, ", code ",
                               identity.code_sha256().substr(0, 12))},
      {"processor", absl::StrCat(FromProc("/proc/cpuinfo", "model name"), ", ",
                                 sysconf(_SC_NPROCESSORS_ONLN), " cores")},
      {"memory", FromProc("/proc/meminfo", "MemTotal")},
      {"system",
       absl::StrCat(system.sysname, " ", system.release, " ", system.machine)},
      {"instruction set", identity.isa()},
      {"threads of a run", absl::StrCat(identity.threads())},
      {"libraries", absl::StrJoin(identity.libraries(), ", ")}};
}

StudyResults DescribeStudy(const StudyPlan& plan, std::vector<StudyRun> runs,
                           const AnalysisPlan& analysis,
                           const StudyOptions& options) {
  const spec::Study& study = plan.study();
  StudyResults results;
  results.name = study.name();
  results.question = study.question();
  results.metric = MetricName(study.metric());
  results.unit = MetricUnit(study.metric());
  results.smaller_is_better = study.metric() != spec::ACCURACY;
  results.margin = study.margin();
  if (study.has_budget()) results.matched = BudgetName(study.budget().match());
  results.paired = study.pairing() == spec::BY_SEED;
  for (const PlannedArm& planned : plan.arms) {
    StudyArm arm;
    arm.name = planned.name;
    arm.description = planned.description;
    arm.overrides = planned.overrides;
    arm.differences = planned.differences;
    arm.resolved = planned.resolved;
    arm.budgets = planned.budgets;
    arm.apart = planned.apart;
    arm.uncertified = planned.uncertified;
    results.arms.push_back(std::move(arm));
  }
  results.runs = std::move(runs);
  results.warnings = plan.warnings;
  if (!options.command.empty()) results.commands.push_back(options.command);
  FillMeasured(&results);
  Analyze(analysis, &results);
  return results;
}

void AddDetails(const StudyPlan& plan, const StudyOptions& options,
                StudyResults* results) {
  const std::string key = EvaluationKey(plan);
  AddPositions(key, results);
  for (size_t i = 0; i < results->arms.size(); ++i) {
    StudyArm& arm = results->arms[i];
    Documents documents;
    if (i > 0 && arm.apart.empty() && results->paired &&
        plan.study().metric() == spec::VALIDATION_LOSS &&
        PairedDocuments(*results, results->arms[0].name, arm.name, key,
                        &documents))
      arm.documents = BootstrapDocuments(documents, kBootstrapSeed,
                                         1 - plan.study().alpha());
    for (const StudyRun& run : results->runs) {
      if (run.arm != arm.name) continue;
      const absl::StatusOr<std::string> text = ReadFile(SampleFile(run.folder));
      if (text.ok() && arm.sample.empty()) arm.sample = *text;
    }
  }
  results->facts = MachineFacts(plan.arms[0].identity, options.archlab_version);
  results->facts.emplace_back(
      "corpus",
      absl::StrCat("SHA-256 ",
                   plan.arms[0].identity.data_sha256().substr(0, 12)));
  results->facts.insert(results->facts.end(), plan.facts.begin(),
                        plan.facts.end());
  for (const spec::Generator& each : plan.study().generator())
    results->facts.emplace_back(
        "design", absl::StrCat("a fraction: ", each.factor(), " = ",
                               absl::StrJoin(each.product(), " x "),
                               ", so that their effects cannot be told apart"));
  const std::string off = NotMatched(plan, *results);
  if (!off.empty()) results->matched.clear();
  AddWarnings(results);
  if (!off.empty()) results->warnings.insert(results->warnings.begin(), off);
}

}  // namespace archlab
