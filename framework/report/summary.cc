// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "report/text.h"
#include "study/analyze.h"
#include "training/progress.h"

namespace archlab::report {
namespace {

constexpr char kNone[] = "-";

// A budget as a column.
struct Budget {
  const char* key;  // as in StudyResults::matched
  const char* head;
  const char* unit;
  double Budgets::*value;
};
constexpr Budget kBudgets[] = {
    {"parameters", "Parameters", "", &Budgets::parameters},
    {"active_parameters", "Active parameters", "", &Budgets::active_parameters},
    {"training_flops", "Training FLOPs", "", &Budgets::training_flops},
    {"wall_clock", "Training time", "s", &Budgets::seconds},
    {"kv_cache_bytes", "KV cache", "B", &Budgets::kv_cache_bytes},
    {"training_bytes", "Text read", "B", &Budgets::training_bytes},
};

Cell EstimateCell(const StudyArm& arm) {
  if (!arm.estimate) return {"no run is done"};
  const Interval& interval = arm.estimate->interval;
  const double resolution = HalfWidth(interval);
  return {FormatTo(arm.estimate->mean, resolution),
          IsFinite(interval) ? IntervalText(interval, resolution)
                             : "one seed: no interval"};
}

std::string VerdictNote(const StudyResults& results, const StudyArm& arm,
                        absl::string_view verdict) {
  if (verdict == "identical") return "every pair is equal, bit for bit";
  if (verdict == "equivalent")
    return absl::StrCat("the interval lies within \u00b1",
                        FormatNumber(results.margin));
  if (verdict != "inconclusive") return "";
  if (!std::isfinite(arm.detectable) || arm.detectable <= 0)
    return "too few seeds to tell a difference from chance";
  return absl::StrCat("a difference of ",
                      FormatTo(arm.detectable, arm.detectable),
                      " or more would have been seen with 80 % probability");
}

std::vector<Cell> ResultRow(const StudyResults& results, const StudyArm& arm,
                            bool documents) {
  const std::string verdict = VerdictName(results, arm);
  std::vector<Cell> row = {
      {arm.name},
      EstimateCell(arm),
      {absl::StrCat(arm.estimate ? arm.estimate->count : 0)}};
  const bool compared = arm.difference.has_value();
  const bool tested = compared && verdict != "identical";
  if (!compared) {
    row.push_back({kNone});
  } else {
    const Difference& difference = *arm.difference;
    const double resolution = HalfWidth(difference.interval);
    row.push_back({FormatSigned(difference.mean, resolution),
                   !IsFinite(difference.interval)
                       ? "one pair: no interval"
                       : IntervalText(difference.interval, resolution)});
  }
  const bool p_known = tested && IsFinite(arm.difference->interval);
  row.push_back({p_known ? FormatP(arm.adjusted_p) : kNone});
  row.push_back({verdict, VerdictNote(results, arm, verdict), verdict});
  const bool seen =
      tested && std::isfinite(arm.detectable) && arm.detectable > 0;
  row.push_back({seen ? FormatTo(arm.detectable, arm.detectable) : kNone});
  if (documents)
    row.push_back({arm.documents
                       ? IntervalText(*arm.documents, HalfWidth(*arm.documents))
                       : kNone});
  return row;
}

// "× 1.02", "× 0.50", "× 12.3": three digits are enough to judge by.
std::string Ratio(double ratio) {
  const int decimals = ratio >= 100   ? 0
                       : ratio >= 10  ? 1
                       : ratio >= 0.1 ? 2
                                      : 4;
  return absl::StrFormat("\u00d7 %.*f", decimals, ratio);
}

Cell BudgetCell(const Budget& budget, const StudyArm& arm,
                const StudyArm& baseline) {
  const double value = arm.budgets.*budget.value;
  const double base = baseline.budgets.*budget.value;
  if (value == 0) return {kNone};
  const std::string text = absl::string_view(budget.key) == "wall_clock"
                               ? FormatSeconds(value)
                               : FormatAmount(value, budget.unit);
  if (&arm == &baseline || base == 0) return {text};
  return {text, Ratio(value / base)};
}

// "rope seed 1, rope seed 2"; a long list is counted.
std::string RunList(const std::vector<std::string>& runs) {
  constexpr size_t kMost = 6;
  return runs.size() > kMost ? absl::StrCat(runs.size(), " runs")
                             : absl::StrJoin(runs, ", ");
}

// Equal messages of several runs become one.
void AddRunWarnings(const StudyResults& results,
                    std::vector<std::string>& warnings) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const StudyRun& run : results.runs) {
    std::string text = run.warning;
    if (!run.done)
      text = run.error.empty()
                 ? "not finished yet, and left out"
                 : absl::StrCat("failed, and left out: ", run.error);
    if (text.empty()) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& g) { return g.first == text; });
    if (group == groups.end()) group = groups.insert(groups.end(), {text, {}});
    group->second.push_back(absl::StrCat(run.arm, " seed ", run.seed));
  }
  for (const auto& [text, runs] : groups)
    warnings.push_back(absl::StrCat(RunList(runs), ": ", text));
}

std::string RunNumber(const std::optional<double>& value) {
  return value ? FormatTo(*value, 0.001 * std::abs(*value)) : kNone;
}

double LastOf(const StudyRun& run, absl::string_view name) {
  for (const Series& series : run.series) {
    if (series.name != name) continue;
    for (size_t i = series.value.size(); i-- > 0;)
      if (std::isfinite(series.value[i])) return series.value[i];
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::string LastText(const StudyRun& run, absl::string_view name) {
  const double value = LastOf(run, name);
  return std::isnan(value) ? kNone : FormatNumber(value);
}

}  // namespace

std::string VerdictName(const StudyResults& results, const StudyArm& arm) {
  if (!results.arms.empty() && &arm == &results.arms.front()) return "baseline";
  if (!arm.apart.empty()) return "not comparable";
  if (!arm.difference) return "no pair";
  return archlab::VerdictName(arm.verdict);
}

Sheet ResultSheet(const StudyResults& results) {
  const bool documents = std::any_of(
      results.arms.begin(), results.arms.end(),
      [](const StudyArm& arm) { return arm.documents.has_value(); });
  const std::string interval = absl::StrCat(LevelName(results), " interval");
  Sheet sheet;
  sheet.columns = {
      {"Arm", "", false},
      {absl::StrCat("Mean ", results.metric), interval},
      {"Seeds"},
      {"Difference",
       absl::StrCat(results.paired ? "paired, " : "not paired, ", interval)},
      {"p", "Holm"},
      {"Verdict", "", false},
      {"Detectable", "power 80 %"}};
  if (documents)
    sheet.columns.push_back(
        {"Over documents", "bootstrap, same seeds; of one text, its windows"});
  for (const StudyArm& arm : results.arms)
    if (arm.apart.empty() || &arm == &results.arms.front())
      sheet.rows.push_back(ResultRow(results, arm, documents));
  return sheet;
}

Sheet CostSheet(const StudyResults& results) {
  Sheet sheet;
  sheet.columns = {{"Arm", "", false}};
  for (const Budget& budget : kBudgets) {
    const bool marked = results.matched == budget.key;
    sheet.columns.push_back(
        {budget.head, marked ? "matched" : "", true, marked});
  }
  sheet.columns.push_back({"Tokens/s"});
  for (const StudyArm& arm : results.arms) {
    const StudyArm& baseline = results.arms.front();
    std::vector<Cell> row = {{arm.name}};
    for (const Budget& budget : kBudgets)
      row.push_back(BudgetCell(budget, arm, baseline));
    Cell speed = {FormatAmount(arm.tokens_per_second, "")};
    if (&arm != &baseline && arm.tokens_per_second > 0 &&
        baseline.tokens_per_second > 0)
      speed.note = Ratio(arm.tokens_per_second / baseline.tokens_per_second);
    row.push_back(std::move(speed));
    sheet.rows.push_back(std::move(row));
  }
  return sheet;
}

Sheet ApartSheet(const StudyResults& results) {
  Sheet sheet;
  sheet.columns = {{"Arm", "", false},
                   {absl::StrCat("Mean ", results.metric),
                    absl::StrCat(LevelName(results), " interval")},
                   {"Seeds"},
                   {"Not compared, because", "", false}};
  for (const StudyArm& arm : results.arms)
    if (!arm.apart.empty() && &arm != &results.arms.front())
      sheet.rows.push_back(
          {{arm.name},
           EstimateCell(arm),
           {absl::StrCat(arm.estimate ? arm.estimate->count : 0)},
           {arm.apart}});
  return sheet;
}

Sheet RunSheet(const StudyResults& results, absl::string_view arm) {
  Sheet sheet;
  sheet.columns = {{"Seed", "", false},
                   {"Value", results.metric},
                   {"State", "", false},
                   {"Steps"},
                   {"Tokens"},
                   {"Time"},
                   {"Last gradient norm"},
                   {"Tokens/s"},
                   {"Folder", "", false}};
  for (const StudyRun& run : results.runs) {
    if (run.arm != arm) continue;
    const std::string state = RunState(run);
    sheet.rows.push_back(
        {{absl::StrCat(run.seed)},
         {RunNumber(run.value)},
         {state, run.error.empty() ? run.warning : run.error,
          run.done ? "" : state},
         {absl::StrCat(run.steps)},
         {FormatAmount(static_cast<double>(run.tokens), "")},
         {run.seconds > 0 ? FormatSeconds(run.seconds) : kNone},
         {LastText(run, "grad_norm")},
         {run.seconds > 0
              ? FormatNumber(static_cast<double>(run.tokens) / run.seconds)
              : LastText(run, "tokens_per_second")},
         {run.folder}});
  }
  return sheet;
}

Sheet RouterSheet(const StudyResults& results, absl::string_view arm) {
  std::vector<std::string> routers, numbers;  // in the order they come
  const auto add = [](std::vector<std::string>& list, std::string name) {
    if (std::find(list.begin(), list.end(), name) == list.end())
      list.push_back(std::move(name));
  };
  for (const StudyRun& run : results.runs) {
    if (run.arm != arm) continue;
    for (const Series& series : run.series) {
      const size_t dot = series.name.rfind('.');
      if (!absl::StrContains(series.name, "router") || dot == std::string::npos)
        continue;
      add(routers, series.name.substr(0, dot));
      add(numbers, series.name.substr(dot + 1));
    }
  }
  Sheet sheet;
  sheet.columns = {{"Router", "", false}};
  for (const std::string& number : numbers)
    sheet.columns.push_back({number == "drop_rate"
                                 ? "dropped share"
                                 : absl::StrReplaceAll(number, {{"_", " "}})});
  for (const std::string& router : routers) {
    std::vector<Cell> row = {{router}};
    for (const std::string& number : numbers) {
      const double value =
          LastValue(results, arm, absl::StrCat(router, ".", number));
      row.push_back({std::isnan(value) ? kNone : FormatNumber(value)});
    }
    sheet.rows.push_back(std::move(row));
  }
  return sheet;
}

Sheet DifferenceSheet(const StudyArm& arm) {
  Sheet sheet;
  sheet.columns = {{"Field", "", false},
                   {"Baseline", "", false},
                   {"This arm", "", false},
                   {"Reason", "", false}};
  for (const FieldDifference& field : arm.differences)
    sheet.rows.push_back(
        {{field.path},
         {field.from.empty() ? "absent" : field.from},
         {field.to.empty() ? "absent" : field.to},
         {field.reason.empty() ? "unexplained" : field.reason}});
  return sheet;
}

Sheet InteractionSheet(const StudyResults& results) {
  Sheet sheet;
  sheet.columns = {{"Effect", "", false},
                   {"Difference; of two, beyond the sum",
                    absl::StrCat(LevelName(results), " interval")},
                   {"p", "Holm"}};
  for (const Interaction& interaction : results.interactions) {
    const Difference& difference = interaction.difference;
    const double resolution = HalfWidth(difference.interval);
    const bool known = IsFinite(difference.interval);
    sheet.rows.push_back(
        {{interaction.name},
         {FormatSigned(difference.mean, resolution),
          known ? IntervalText(difference.interval, resolution)
                : "one pair: no interval"},
         {difference.identical || !known ? kNone
                                         : FormatP(interaction.adjusted_p)}});
  }
  return sheet;
}

std::vector<std::string> Warnings(const StudyResults& results) {
  std::vector<std::string> warnings = results.warnings;
  AddRunWarnings(results, warnings);
  std::map<std::string, std::vector<std::string>> arms;  // by component
  for (const StudyArm& arm : results.arms)
    for (const std::string& component : arm.uncertified)
      arms[component].push_back(arm.name);
  for (const auto& [component, names] : arms)
    warnings.push_back(absl::StrCat(component,
                                    " has no certificate of conformance (",
                                    absl::StrJoin(names, ", "), ")"));
  return warnings;
}

std::string RunState(const StudyRun& run) {
  if (run.done) return "done";
  return run.error.empty() ? "unfinished" : "failed";
}

std::string MetricName(const StudyResults& results) {
  if (results.unit.empty()) return results.metric;
  return absl::StrCat(results.metric, " (", results.unit, ")");
}

std::string LevelName(const StudyResults& results) {
  return absl::StrFormat("%.4g %%", results.level * 100);
}

std::string IntervalText(const Interval& interval, double resolution) {
  if (!IsFinite(interval)) return "no interval";
  return absl::StrCat("[", FormatTo(interval.low, resolution), ", ",
                      FormatTo(interval.high, resolution), "]");
}

std::string DifferenceText(const Difference& difference) {
  const double resolution = HalfWidth(difference.interval);
  const std::string mean = FormatSigned(difference.mean, resolution);
  if (!IsFinite(difference.interval)) return mean;
  return absl::StrCat(mean, " ", IntervalText(difference.interval, resolution));
}

std::string Method(const StudyResults& results) {
  return absl::StrCat(
      results.smaller_is_better ? "Smaller is better. " : "Larger is better. ",
      results.paired
          ? "Differences are paired by seed: arm less baseline, with Student's "
            "t"
          : "Differences are not paired: arm less baseline, with Welch's t",
      ". An interval is of its arm alone; p, and with it the verdict, is "
      "adjusted for all arms (Holm), so that an interval without zero may "
      "still "
      "be inconclusive",
      results.margin > 0
          ? absl::StrCat("; differences within \u00b1",
                         FormatNumber(results.margin), " count as equivalent. ")
          : ". ",
      "Detectable is the smallest true difference that a test with these seeds "
      "sees with 80 % probability.");
}

double LastValue(const StudyResults& results, absl::string_view arm,
                 absl::string_view series) {
  double sum = 0;
  int count = 0;
  for (const StudyRun& run : results.runs) {
    if (run.arm != arm || !run.done) continue;
    const double value = LastOf(run, series);
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace archlab::report
