// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/compare_runs.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "spec/differences.h"
#include "study/analyze.h"
#include "study/collect.h"
#include "study/comparable.h"
#include "study/describe.h"
#include "study/measure.h"
#include "study/study_run.h"
#include "training/open_run.h"

namespace archlab {
namespace {

// A run and what it was made from.
struct ComparedRun {
  StudyRun run;
  std::string resolved;
  Yardstick yardstick;
  RunIdentity identity;
  int arm = 0;
};

bool IsSeed(const SpecDifference& difference) {
  return difference.path == "seed";
}

std::vector<SpecDifference> DifferencesBesideSeed(const std::string& from,
                                                  const std::string& to) {
  std::vector<SpecDifference> found = DifferencesOf(from, to);
  found.erase(std::remove_if(found.begin(), found.end(), IsSeed), found.end());
  return found;
}

absl::StatusOr<ComparedRun> Read(const std::string& path,
                                 const Catalogue& catalogue) {
  ARCHLAB_ASSIGN_OR_RETURN(const RunFolder folder, RunFolder::OpenToRead(path));
  if (folder.run().state() != DONE)
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": is not done; to go on with it: archlab train --resume ",
        path));
  ARCHLAB_ASSIGN_OR_RETURN(const Spec spec, LoadRunSpec(folder, {}, catalogue));
  ComparedRun result;
  result.resolved = spec.Resolved();
  result.identity = folder.run().identity();
  result.yardstick.experiment = spec.experiment();
  result.yardstick.data_sha256 = result.identity.data_sha256();
  result.run.folder = path;
  result.run.seed = spec.experiment().seed();
  return result;
}

// "position=[position/rope]" of the first difference.
std::string NameOf(const std::vector<SpecDifference>& differences) {
  if (differences.empty()) return "same";
  const SpecDifference& first = differences[0];
  const std::string value = first.to.substr(0, first.to.find(' '));
  return absl::StrCat(first.path.substr(first.path.rfind('.') + 1), "=",
                      value.empty() ? "absent" : value);
}

// Experiments' names where they tell arms apart; else what differs.
std::string ArmName(const ComparedRun& baseline, const ComparedRun& run,
                    const std::set<std::string>& taken) {
  std::string name = run.yardstick.experiment.name();
  if (taken.count(name) > 0)
    name = NameOf(DifferencesBesideSeed(baseline.resolved, run.resolved));
  std::string unique = name;
  for (int i = 2; taken.count(unique) > 0; ++i)
    unique = absl::StrCat(name, "-", i);
  return unique;
}

// Counts where the run's model can still be built; else only what was measured.
Budgets BudgetsOf(const ComparedRun& run, const Catalogue& catalogue) {
  const absl::StatusOr<OpenedRun> opened =
      OpenRun(run.run.folder, "last", {}, catalogue);
  if (!opened.ok()) return {};
  DataFacts facts;
  facts.vocabulary = opened->vocabulary.size();
  const absl::StatusOr<int64_t> patches =
      PatchElements(opened->spec, catalogue);
  if (!patches.ok()) return {};
  facts.patch_elements = *patches;
  const absl::StatusOr<Budgets> budgets =
      CountBudgets(opened->spec, facts, catalogue);
  return budgets.ok() ? *budgets : Budgets();
}

class Comparer {
 public:
  Comparer(const CompareRequest& request, const Catalogue& catalogue)
      : request_(request), catalogue_(catalogue) {}

  absl::StatusOr<StudyResults> Compare() {
    for (const std::string& path : request_.runs) {
      ARCHLAB_RETURN_IF_ERROR(CheckNew(path));
      ARCHLAB_ASSIGN_OR_RETURN(ComparedRun run, Read(path, catalogue_));
      AddToArm(std::move(run));
    }
    ARCHLAB_RETURN_IF_ERROR(CheckSeeds());
    const spec::Metric metric = MetricOfAll();
    for (ComparedRun& each : runs_) {
      CollectRun(metric, &each.run);
      SampleLosses samples;
      CollectDetails(DetailsFile(each.run.folder), &samples,
                     &each.run.positions);
      if (!each.run.value)
        return absl::InvalidArgumentError(
            absl::StrCat(each.run.folder, ": has no ", MetricName(metric)));
    }
    Fill(metric);
    return std::move(results_);
  }

 private:
  absl::Status CheckNew(const std::string& path) {
    std::error_code error;
    const auto real = std::filesystem::weakly_canonical(path, error);
    if (!seen_.insert(error ? path : real.string()).second)
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": this run was given already"));
    return absl::OkStatus();
  }

  void AddToArm(ComparedRun run) {
    for (const ComparedRun& other : runs_)
      if (DifferencesBesideSeed(other.resolved, run.resolved).empty() &&
          other.yardstick.data_sha256 == run.yardstick.data_sha256) {
        run.arm = other.arm;
        run.run.arm = other.run.arm;
        runs_.push_back(std::move(run));
        return;
      }
    StudyArm arm;
    arm.name = ArmName(runs_.empty() ? run : runs_[0], run, names_);
    names_.insert(arm.name);
    arm.resolved = run.resolved;
    if (!runs_.empty())
      for (const SpecDifference& each :
           DifferencesBesideSeed(runs_[0].resolved, run.resolved))
        arm.differences.push_back({each.path, each.from, each.to, "given"});
    run.arm = static_cast<int>(results_.arms.size());
    run.run.arm = arm.name;
    results_.arms.push_back(std::move(arm));
    runs_.push_back(std::move(run));
  }

  std::multiset<int64_t> SeedsOfArm(int arm) const {
    std::multiset<int64_t> seeds;
    for (const ComparedRun& run : runs_)
      if (run.arm == arm) seeds.insert(run.run.seed);
    return seeds;
  }

  // The same seed twice is one run, or two builds that must not be mixed.
  absl::Status CheckSeeds() {
    for (int arm = 0; arm < static_cast<int>(results_.arms.size()); ++arm) {
      const std::multiset<int64_t> seeds = SeedsOfArm(arm);
      for (const int64_t seed : seeds)
        if (seeds.count(seed) > 1)
          return absl::InvalidArgumentError(absl::StrCat(
              "two runs have the same spec and seed ", seed, " (arm '",
              results_.arms[arm].name, "'): give one of them"));
      results_.paired &= seeds == SeedsOfArm(0);
    }
    return absl::OkStatus();
  }

  spec::Metric MetricOfAll() const {
    if (request_.metric) return *request_.metric;
    const bool classes =
        std::all_of(runs_.begin(), runs_.end(), [](const ComparedRun& each) {
          StudyRun run = each.run;
          CollectRun(spec::ACCURACY, &run);
          return run.value.has_value();
        });
    return classes ? spec::ACCURACY : spec::VALIDATION_LOSS;
  }

  void Fill(spec::Metric metric) {
    results_.name = "comparison";
    results_.metric = MetricName(metric);
    results_.unit = MetricUnit(metric);
    results_.smaller_is_better = metric != spec::ACCURACY;
    results_.margin = request_.margin;
    std::stable_sort(runs_.begin(), runs_.end(),
                     [](const ComparedRun& a, const ComparedRun& b) {
                       return std::pair(a.arm, a.run.seed) <
                              std::pair(b.arm, b.run.seed);
                     });
    for (const ComparedRun& each : runs_) {
      StudyArm& arm = results_.arms[each.arm];
      if (arm.budgets.parameters == 0)
        arm.budgets = BudgetsOf(each, catalogue_);
      arm.apart = WhyNotComparable(metric, runs_[0].yardstick, each.yardstick);
      results_.runs.push_back(each.run);
    }
    std::string command = "archlab compare";
    for (const std::string& path : request_.runs)
      absl::StrAppend(&command, " ", ShellQuoted(path));
    results_.commands.push_back(command);
    FillMeasured(&results_);
    AnalysisPlan plan;
    plan.alpha = request_.alpha;
    Analyze(plan, &results_);
    if (!results_.paired)
      results_.warnings.push_back(
          "Not paired: the arms have other seeds, so that what a seed does to "
          "both does not cancel out.");
    WarnOfBuilds();
    AddWarnings(&results_);
    results_.facts = MachineFacts(runs_[0].identity, request_.archlab_version);
  }

  void WarnOfBuilds() {
    for (const ComparedRun& run : runs_)
      if (run.identity.code_sha256() != runs_[0].identity.code_sha256() ||
          run.identity.threads() != runs_[0].identity.threads() ||
          run.identity.isa() != runs_[0].identity.isa()) {
        results_.warnings.push_back(
            "The runs were made by several builds of archlab, on other numbers "
            "of threads, or on other processors.");
        return;
      }
  }

  const CompareRequest& request_;
  const Catalogue& catalogue_;
  std::set<std::string> seen_, names_;
  std::vector<ComparedRun> runs_;
  StudyResults results_;
};

}  // namespace

absl::StatusOr<StudyResults> CompareRuns(const CompareRequest& request,
                                         const Catalogue& catalogue) {
  return Comparer(request, catalogue).Compare();
}

}  // namespace archlab
