// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/analyze.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace archlab {
namespace {

using ValueBySeed = std::map<int64_t, double>;

ValueBySeed ValuesOf(const StudyResults& results, const std::string& arm) {
  ValueBySeed values;
  for (const StudyRun& run : results.runs)
    if (run.arm == arm && run.done && run.value && std::isfinite(*run.value))
      values[run.seed] = *run.value;
  return values;
}

std::vector<double> Plain(const ValueBySeed& values) {
  std::vector<double> numbers;
  numbers.reserve(values.size());
  for (const auto& [seed, value] : values) numbers.push_back(value);
  return numbers;
}

// Baseline and arm of the seeds that both have.
std::pair<std::vector<double>, std::vector<double>> Pairs(
    const ValueBySeed& baseline, const ValueBySeed& arm) {
  std::pair<std::vector<double>, std::vector<double>> pairs;
  for (const auto& [seed, value] : arm) {
    const auto other = baseline.find(seed);
    if (other == baseline.end()) continue;
    pairs.first.push_back(other->second);
    pairs.second.push_back(value);
  }
  return pairs;
}

void Compare(const StudyResults& results, const ValueBySeed& baseline,
             const ValueBySeed& values, double alpha, StudyArm* arm) {
  const double level = 1 - alpha;
  if (!arm->apart.empty() || baseline.empty() || values.empty()) return;
  if (results.paired) {
    const auto [a, b] = Pairs(baseline, values);
    if (a.empty()) return;
    arm->difference = ComparePaired(a, b, level);
  } else {
    arm->difference = CompareUnpaired(Plain(baseline), Plain(values), level);
  }
}

int FailedRuns(const StudyResults& results, const std::string& arm) {
  return static_cast<int>(std::count_if(
      results.runs.begin(), results.runs.end(), [&](const StudyRun& run) {
        return run.arm == arm && !run.done && !run.error.empty();
      }));
}

// What an arm may spend of alpha.
double AlphaOf(const AnalysisPlan& plan, const StudyArm& arm) {
  const auto spent = plan.spent.find(arm.name);
  return spent == plan.spent.end() ? plan.alpha
                                   : std::max(spent->second, 1e-12);
}

void CorrectAndJudge(const AnalysisPlan& plan, StudyResults* results) {
  std::vector<double> p;
  std::vector<StudyArm*> family;
  for (StudyArm& arm : results->arms) {
    if (!arm.difference || arm.difference->identical) continue;
    // Holm at the level of the look is Holm at alpha of a p that is so much
    // larger.
    p.push_back(arm.difference->p * plan.alpha / AlphaOf(plan, arm));
    family.push_back(&arm);
  }
  const std::vector<double> adjusted = AdjustHolm(p);
  for (size_t i = 0; i < family.size(); ++i)
    family[i]->adjusted_p = adjusted[i];
  for (StudyArm* arm : family)
    arm->detectable = DetectableEffect(
        *arm->difference,
        AlphaOf(plan, *arm) / static_cast<double>(family.size()));
  JudgePlan judge;
  judge.alpha = plan.alpha;
  judge.smaller_is_better = results->smaller_is_better;
  judge.margin = results->margin;
  const bool baseline_failed = FailedRuns(*results, results->arms[0].name) > 0;
  for (StudyArm& arm : results->arms) {
    if (!arm.difference) continue;
    arm.verdict = Judge(*arm.difference, arm.adjusted_p, judge);
    if (baseline_failed || FailedRuns(*results, arm.name) > 0)
      arm.verdict = Verdict::kInconclusive;
  }
}

// The effect of factors i and j together beyond the sum of both, in each seed:
// y(a, b) - y(a, 0) - y(0, b) + y(0, 0), the mean over the other factors.
class Effects {
 public:
  // Sums of equal numbers with other signs are zero but for rounding.
  static double Rounded(double sum) { return std::abs(sum) < 1e-12 ? 0 : sum; }

  Effects(const AnalysisPlan& plan, const StudyResults& results) {
    for (size_t i = 0; i < results.arms.size(); ++i)
      if (results.arms[i].apart.empty() && !plan.levels[i].empty())
        values_[plan.levels[i]] = ValuesOf(results, results.arms[i].name);
  }

  // Of factor i alone: the mean over the arms on level a less that over the
  // arms on the first, in each seed that all of them have.
  bool Main(size_t i, int a, std::vector<double>* found) const {
    std::map<int64_t, std::pair<double, int>> sums;  // by seed
    int on = 0, off = 0;
    for (const auto& [levels, values] : values_) {
      on += levels[i] == a;
      off += levels[i] == 0;
    }
    if (on == 0 || off == 0) return false;
    for (const auto& [levels, values] : values_)
      for (const auto& [seed, value] : values) {
        if (levels[i] != a && levels[i] != 0) continue;
        sums[seed].first += levels[i] == a ? value / on : -value / off;
        ++sums[seed].second;
      }
    for (const auto& [seed, sum] : sums)
      if (sum.second == on + off) found->push_back(Rounded(sum.first));
    return found->size() > 1;
  }

  bool Of(size_t i, size_t j, int a, int b, std::vector<double>* found) const {
    std::map<int64_t, std::pair<double, int>> sums;  // by seed
    int terms = 0;
    for (const auto& [levels, values] : values_) {
      if (levels[i] != a || levels[j] != b) continue;
      std::vector<int> without_i = levels, without_j = levels, neither = levels;
      without_i[i] = neither[i] = 0;
      without_j[j] = neither[j] = 0;
      const ValueBySeed *x = Find(without_i), *y = Find(without_j),
                        *z = Find(neither);
      if (x == nullptr || y == nullptr || z == nullptr) continue;
      ++terms;
      for (const auto& [seed, value] : values)
        if (x->count(seed) && y->count(seed) && z->count(seed)) {
          sums[seed].first += value - x->at(seed) - y->at(seed) + z->at(seed);
          ++sums[seed].second;
        }
    }
    for (const auto& [seed, sum] : sums)
      if (sum.second == terms) found->push_back(Rounded(sum.first / terms));
    return found->size() > 1;
  }

 private:
  const ValueBySeed* Find(const std::vector<int>& levels) const {
    const auto at = values_.find(levels);
    return at == values_.end() ? nullptr : &at->second;
  }

  std::map<std::vector<int>, ValueBySeed> values_;
};

void AddEffect(const std::string& name, const std::vector<double>& effects,
               StudyResults* results) {
  Interaction found;
  found.name = name;
  found.difference = ComparePaired(std::vector<double>(effects.size(), 0),
                                   effects, results->level);
  results->interactions.push_back(std::move(found));
}

// Main effects of the factors, then interactions of two.
void FindEffects(const AnalysisPlan& plan, StudyResults* results) {
  if (plan.levels.empty() || !results->paired) return;
  for (const StudyArm& arm : results->arms)
    if (FailedRuns(*results, arm.name) > 0) return;  // no fair sample
  const Effects effects(plan, *results);
  const auto name = [&plan](size_t factor, int level) {
    return absl::StrCat(plan.factors[factor], "=",
                        plan.level_names[factor][level]);
  };
  const auto levels = [&plan](size_t factor) {
    return static_cast<int>(plan.level_names[factor].size());
  };
  std::vector<double> found;
  for (size_t i = 0; i < plan.factors.size(); ++i)
    for (int a = 1; a < levels(i); found.clear(), ++a)
      if (effects.Main(i, a, &found))
        AddEffect(name(i, a) + " (main effect)", found, results);
  for (size_t i = 0; i < plan.factors.size(); ++i)
    for (size_t j = i + 1; j < plan.factors.size(); ++j)
      for (int a = 1; a < levels(i); ++a)
        for (int b = 1; b < levels(j); found.clear(), ++b)
          if (effects.Of(i, j, a, b, &found))
            AddEffect(absl::StrCat(name(i, a), " x ", name(j, b)), found,
                      results);
  std::vector<double> p;
  std::vector<Interaction*> family;
  for (Interaction& each : results->interactions) {
    if (each.difference.identical) continue;
    p.push_back(each.difference.p);
    family.push_back(&each);
  }
  const std::vector<double> adjusted = AdjustHolm(p);
  for (size_t i = 0; i < adjusted.size(); ++i)
    family[i]->adjusted_p = adjusted[i];
}

std::vector<std::string> NamesWith(const StudyResults& results,
                                   Verdict verdict) {
  std::vector<std::string> names;
  for (const StudyArm& arm : results.arms)
    if (arm.difference && arm.verdict == verdict) names.push_back(arm.name);
  return names;
}

// "a and b", "a, b and c".
std::string List(const std::vector<std::string>& names) {
  if (names.size() < 2) return absl::StrJoin(names, "");
  return absl::StrCat(absl::StrJoin(names.begin(), names.end() - 1, ", "),
                      " and ", names.back());
}

std::string Sentence(const StudyResults& results) {
  const std::string& baseline = results.arms[0].name;
  std::vector<std::string> parts;
  const auto say = [&](Verdict verdict, absl::string_view what) {
    const std::vector<std::string> names = NamesWith(results, verdict);
    if (!names.empty())
      parts.push_back(absl::StrCat(List(names),
                                   names.size() == 1 ? " is " : " are ", what));
  };
  say(Verdict::kBetter, absl::StrCat("better than ", baseline));
  say(Verdict::kWorse, absl::StrCat("worse than ", baseline));
  say(Verdict::kEquivalent,
      absl::StrFormat("equivalent to %s within %g", baseline, results.margin));
  say(Verdict::kIdentical, absl::StrCat("identical to ", baseline));
  std::vector<std::string> open = NamesWith(results, Verdict::kInconclusive);
  open.erase(std::remove_if(open.begin(), open.end(),
                            [&results](const std::string& name) {
                              return FailedRuns(results, name) > 0;
                            }),
             open.end());
  if (!open.empty()) {
    double largest = 0;
    for (const StudyArm& arm : results.arms)
      if (arm.difference && arm.verdict == Verdict::kInconclusive)
        largest = std::max(largest, arm.detectable);
    const std::string seen =
        std::isfinite(largest)
            ? absl::StrFormat(
                  " (a difference of %.2g would have been seen with 80 %% "
                  "probability)",
                  largest)
            : " (one seed tells nothing of the noise)";
    parts.push_back(absl::StrCat("of ", List(open), " against ", baseline,
                                 " the study can say nothing", seen));
  }
  for (const StudyArm& arm : results.arms)
    if (const int failed = FailedRuns(results, arm.name); failed > 0)
      parts.push_back(absl::StrCat(arm.name, " failed with ", failed,
                                   failed == 1 ? " seed" : " seeds",
                                   ", so nothing is concluded of it"));
  if (parts.empty() && results.arms.size() == 1 && results.arms[0].estimate)
    return absl::StrFormat(
        "%s has a %s of %.4f %s (%d %s).", baseline, results.metric,
        results.arms[0].estimate->mean, results.unit,
        results.arms[0].estimate->count,
        results.arms[0].estimate->count == 1 ? "seed" : "seeds");
  if (parts.empty()) return "There is nothing to compare yet.";
  std::string text = absl::StrCat("By ", results.metric, ", ",
                                  absl::StrJoin(parts, "; "), ".");
  return text;
}

}  // namespace

std::string VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kIdentical:
      return "identical";
    case Verdict::kEquivalent:
      return "equivalent";
    case Verdict::kBetter:
      return "better";
    case Verdict::kWorse:
      return "worse";
    case Verdict::kInconclusive:
      return "inconclusive";
  }
  return "";
}

void Analyze(const AnalysisPlan& plan, StudyResults* results) {
  if (results->arms.empty()) return;
  results->level = 1 - plan.alpha;
  results->interactions.clear();
  const ValueBySeed baseline = ValuesOf(*results, results->arms[0].name);
  for (StudyArm& arm : results->arms) {
    const ValueBySeed values = ValuesOf(*results, arm.name);
    arm.estimate.reset();
    arm.difference.reset();
    if (!values.empty())
      arm.estimate = EstimateMean(Plain(values), results->level);
    if (&arm != &results->arms[0])
      Compare(*results, baseline, values, AlphaOf(plan, arm), &arm);
  }
  CorrectAndJudge(plan, results);
  FindEffects(plan, results);
  results->verdict = Sentence(*results);
}

}  // namespace archlab
