// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/plan.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "archlab/experiment.pb.h"
#include "archlab/status.h"
#include "base/sha256.h"
#include "registry/code_hash.h"
#include "spec/differences.h"
#include "spec/resolve.h"
#include "study/budget.h"
#include "study/comparable.h"
#include "training/identity.h"
#include "training/launch.h"

namespace archlab {
namespace {

constexpr int64_t kSeedsOfAnArm = 10000;       // apart, where unpaired
constexpr int64_t kTuningSeedsFrom = 1000000;  // behind the first
constexpr int64_t kPilotSeedsFrom = 2000000;

std::string PathOf(const std::string& override) {
  return std::string(
      absl::StripAsciiWhitespace(override.substr(0, override.find('='))));
}

// An error of an arm's spec: "--set #3" of the experiment is the third of the
// arm's overrides.
absl::Status InArm(const StudyFile& file, const PlannedArm& arm,
                   const std::vector<std::string>& overrides,
                   const absl::Status& error) {
  std::vector<std::pair<std::string, std::string>> names;
  for (size_t i = 0; i < overrides.size(); ++i)
    names.emplace_back(
        absl::StrCat("--set #", i + 1, ":"),
        absl::StrCat("arm '", arm.name, "', ", PathOf(overrides[i]), ":"));
  return absl::Status(
      error.code(),
      absl::StrCat(file.file, ": arm '", arm.name, "' of ", file.base_file,
                   ":\n", absl::StrReplaceAll(error.message(), names)));
}

// Whether setting `path` explains that `difference` is there. Setting one field
// of a oneof takes its sibling away.
bool Explains(const std::string& path, const FieldDifference& difference) {
  if (CoversPath(path, difference.path)) return true;
  const auto parent = [](const std::string& of) {
    return of.substr(0, of.rfind('.') + 1);
  };
  return difference.to.empty() && parent(path) == parent(difference.path);
}

std::string ReasonFor(const PlannedArm& arm, const PlannedArm& baseline,
                      const FieldDifference& difference) {
  for (const auto& [override, name] :
       {std::pair(arm.solved, "budget"), std::pair(arm.chosen, "grid"),
        std::pair(baseline.chosen, "grid")})
    if (!override.empty() && Explains(PathOf(override), difference))
      return name;
  for (const PlannedArm* each : {&arm, &baseline})
    for (const std::string& override : each->overrides)
      if (Explains(PathOf(override), difference)) return "override";
  return "";
}

// What every arm tries must be left to the grid, and must not change the budget
// that was solved before.
absl::Status CheckGrid(const StudyPlan& plan) {
  if (!plan.study().has_grid()) return absl::OkStatus();
  const std::string& path = plan.study().grid().path();
  if (plan.study().has_budget() &&
      !absl::StartsWith(path, "training.schedule.") &&
      !absl::StartsWith(path, "training.optimizer."))
    return absl::InvalidArgumentError(absl::StrCat(
        plan.file.file, ": grid.path '", path,
        "' beside a budget must be a field of training.schedule or "
        "training.optimizer: another may change what was matched"));
  for (const PlannedArm& arm : plan.arms)
    for (const std::string& override : arm.overrides)
      if (PathOf(override) == path)
        return absl::InvalidArgumentError(
            absl::StrCat(plan.file.file, ": arm '", arm.name, "' sets ", path,
                         ", which the grid tries out; leave it to one"));
  return absl::OkStatus();
}

// Whether the metric is one that the runs will have.
absl::Status CheckMetric(const StudyPlan& plan) {
  const spec::Metric metric = plan.study().metric();
  for (const PlannedArm& arm : plan.arms) {
    const bool has = metric == spec::ACCURACY ? arm.data.classes
                     : metric == spec::BITS_PER_BYTE
                         ? arm.data.next_tokens && arm.data.bytes_per_sample > 0
                         : true;
    if (!has)
      return absl::InvalidArgumentError(absl::StrCat(
          plan.file.file, ": metric: arm '", arm.name, "' has no ",
          MetricName(metric),
          metric == spec::ACCURACY
              ? "; that is of models that predict classes"
              : "; that is of models that predict the next token of a text"));
  }
  return absl::OkStatus();
}

// Reads the study's own evaluation set: an error comes before any training, and
// its content is part of what runs are judged by.
absl::Status ReadEvaluationSet(const Catalogue& catalogue, DataReader* reader,
                               StudyPlan* plan) {
  const auto& sets = plan->study().evaluate();
  if (sets.empty()) return absl::OkStatus();
  for (const PlannedArm& arm : plan->arms) {
    ARCHLAB_ASSIGN_OR_RETURN(
        const Spec spec,
        LoadArm(plan->file, arm, {sets.begin(), sets.end()}, catalogue));
    const absl::StatusOr<DataFacts> data = reader->Read(spec);
    if (!data.ok()) {
      std::vector<std::string> overrides = arm.overrides;
      overrides.insert(overrides.end(), sets.begin(), sets.end());
      return InArm(plan->file, arm, overrides, data.status());
    }
    plan->evaluation_sha256 = Sha256Hex(plan->evaluation_sha256 + data->sha256);
  }
  return absl::OkStatus();
}

// What is solved: an arm and a baseline as they are, and the budget.
std::string ProblemHash(const PlannedArm& baseline, const PlannedArm& arm,
                        const spec::Study& study) {
  return Sha256Hex(absl::StrCat(
      baseline.identity.spec_sha256(), "\n", arm.identity.spec_sha256(), "\n",
      baseline.data.sha256, "\n", arm.data.sha256, "\n",
      study.budget().SerializeAsString(), "\n", study.threads()));
}

class BudgetMatcher {
 public:
  BudgetMatcher(const StudyFile& file, const Catalogue& catalogue,
                DataReader* reader, spec::BudgetPlan* solved)
      : file_(file), catalogue_(catalogue), reader_(reader), solved_(solved) {}

  absl::Status Match(PlannedArm* baseline, PlannedArm* arm) {
    const std::string problem = ProblemHash(*baseline, *arm, file_.study);
    for (const spec::SolvedArm& each : solved_->arm())
      if (each.problem_sha256() == problem) return Apply(each.override(), arm);
    ARCHLAB_ASSIGN_OR_RETURN(const spec::SolvedArm found,
                             Solve(baseline, *arm));
    spec::SolvedArm* const kept = solved_->add_arm();
    *kept = found;
    kept->set_problem_sha256(problem);
    return Apply(found.override(), arm);
  }

 private:
  const spec::Budget& budget() const { return file_.study.budget(); }

  std::string Override(int64_t value) const {
    return absl::StrCat(budget().solve(), " = ", value);
  }

  absl::Status Apply(const std::string& override, PlannedArm* arm) {
    arm->solved = override;
    arm->overrides.push_back(override);
    return ResolveArm(file_, catalogue_, reader_, arm);
  }

  // Of the whole training, from a trial of either; taken in turns and the
  // faster of several, for the machine may be busy.
  absl::Status MeasureSeconds(PlannedArm* baseline, PlannedArm* arm) {
    constexpr int kTurns = 3;
    for (PlannedArm* each : {baseline, arm}) each->budgets.seconds = 0;
    for (int turn = 0; turn < kTurns; ++turn)
      for (PlannedArm* each : {baseline, arm}) {
        ARCHLAB_ASSIGN_OR_RETURN(const Spec spec,
                                 LoadArm(file_, *each, {}, catalogue_));
        ARCHLAB_ASSIGN_OR_RETURN(
            const Trial trial, TryOut(spec, catalogue_, file_.study.threads()));
        const double seconds =
            trial.seconds_per_step * static_cast<double>(each->steps);
        if (turn == 0 || seconds < each->budgets.seconds)
          each->budgets.seconds = seconds;
      }
    return absl::OkStatus();
  }

  // Counted in a few steps that run, not beforehand.
  absl::StatusOr<double> MeasuredFlops(const PlannedArm& arm,
                                       const std::vector<std::string>& extra) {
    ARCHLAB_ASSIGN_OR_RETURN(const Spec spec,
                             LoadArm(file_, arm, extra, catalogue_));
    ARCHLAB_ASSIGN_OR_RETURN(const double flops,
                             FlopsPerStep(spec, catalogue_));
    return flops * static_cast<double>(spec.experiment().training().steps());
  }

  // What there is with a value; grows with the steps in proportion.
  absl::StatusOr<BudgetAt> Curve(PlannedArm* baseline, PlannedArm* arm,
                                 double* wanted) {
    const spec::BudgetKind kind = budget().match();
    const bool of_steps = budget().solve() == "training.steps";
    const auto steps = static_cast<double>(std::max<int64_t>(1, arm->steps));
    const auto in_proportion = [steps](double whole) -> BudgetAt {
      return [whole, steps](int64_t value) -> absl::StatusOr<double> {
        return whole / steps * static_cast<double>(value);
      };
    };
    if (kind == spec::WALL_CLOCK) {
      if (!of_steps)
        return absl::InvalidArgumentError(absl::StrCat(
            file_.file,
            ": budget.solve must be \"training.steps\" to match WALL_CLOCK"));
      ARCHLAB_RETURN_IF_ERROR(MeasureSeconds(baseline, arm));
      *wanted = baseline->budgets.seconds;
      return in_proportion(arm->budgets.seconds);
    }
    if (kind == spec::TRAINING_FLOPS) {
      ARCHLAB_ASSIGN_OR_RETURN(*wanted, MeasuredFlops(*baseline, {}));
      if (of_steps) {
        ARCHLAB_ASSIGN_OR_RETURN(const double whole, MeasuredFlops(*arm, {}));
        return in_proportion(whole);
      }
      return BudgetAt([this, arm](int64_t value) {
        return MeasuredFlops(*arm, {Override(value)});
      });
    }
    *wanted = BudgetOf(baseline->budgets, kind);
    return BudgetAt([this, arm, kind](int64_t value) -> absl::StatusOr<double> {
      PlannedArm tried = *arm;
      ARCHLAB_RETURN_IF_ERROR(Count(Override(value), &tried));
      return BudgetOf(tried.budgets, kind);
    });
  }

  absl::StatusOr<spec::SolvedArm> Solve(PlannedArm* baseline, PlannedArm arm) {
    double wanted = 0;
    ARCHLAB_ASSIGN_OR_RETURN(const BudgetAt at, Curve(baseline, &arm, &wanted));
    const absl::StatusOr<SolvedBudget> solved =
        SolveBudget(wanted, budget().multiple_of(), budget().tolerance(), at);
    if (!solved.ok())
      return absl::InvalidArgumentError(absl::StrCat(
          file_.file, ": arm '", arm.name, "': ", BudgetName(budget().match()),
          " cannot be matched by ", budget().solve(), ": ",
          solved.status().message()));
    spec::SolvedArm result;
    result.set_arm(arm.name);
    result.set_override(Override(solved->value));
    result.set_found(solved->found);
    result.set_wanted(wanted);
    return result;
  }

  // Only what budgets need.
  absl::Status Count(const std::string& override, PlannedArm* arm) {
    ARCHLAB_ASSIGN_OR_RETURN(const Spec spec,
                             LoadArm(file_, *arm, {override}, catalogue_));
    ARCHLAB_ASSIGN_OR_RETURN(arm->budgets,
                             CountBudgets(spec, arm->data, catalogue_));
    return absl::OkStatus();
  }

  const StudyFile& file_;
  const Catalogue& catalogue_;
  DataReader* const reader_;
  spec::BudgetPlan* const solved_;
};

// Components that are not part of this installation of archlab.
std::vector<std::string> FromElsewhere(const RunIdentity& identity,
                                       const Catalogue& catalogue) {
  namespace fs = std::filesystem;
  std::error_code error;
  const std::string own =
      (fs::weakly_canonical(LibraryPath(), error).parent_path() / "archlab")
          .string();
  std::vector<std::string> names;
  for (const PluginIdentity& plugin : identity.plugins()) {
    absl::string_view kind, name;
    SplitComponent(plugin.component(), &kind, &name);
    const PluginFile* const file = catalogue.Provider(kind, name);
    if (file != nullptr &&
        !absl::StartsWith(fs::weakly_canonical(file->path, error).string(),
                          own + "/"))
      names.push_back(plugin.component());
  }
  return names;
}

}  // namespace

absl::StatusOr<Spec> LoadArm(const StudyFile& file, const PlannedArm& arm,
                             const std::vector<std::string>& extra,
                             const Catalogue& catalogue) {
  std::vector<std::string> overrides = arm.overrides;
  overrides.insert(overrides.end(), extra.begin(), extra.end());
  absl::StatusOr<Spec> spec = Spec::Load(file.base_file, overrides, catalogue);
  if (spec.ok()) return spec;
  return InArm(file, arm, overrides, spec.status());
}

absl::Status ResolveArm(const StudyFile& file, const Catalogue& catalogue,
                        DataReader* reader, PlannedArm* arm) {
  ARCHLAB_ASSIGN_OR_RETURN(const Spec spec, LoadArm(file, *arm, {}, catalogue));
  const absl::StatusOr<DataFacts> data = reader->Read(spec);
  if (!data.ok()) return InArm(file, *arm, arm->overrides, data.status());
  arm->data = *data;
  const double seconds = arm->budgets.seconds;
  ARCHLAB_ASSIGN_OR_RETURN(arm->budgets,
                           CountBudgets(spec, arm->data, catalogue));
  arm->budgets.seconds = seconds;
  arm->resolved = spec.Resolved();
  arm->yardstick = {spec.experiment(), arm->data.sha256,
                    arm->data.tokenizer_sha256, !file.study.evaluate().empty()};
  const spec::Experiment& experiment = spec.experiment();
  arm->steps = experiment.training().steps();
  arm->generates = Generates(experiment.model());
  ARCHLAB_ASSIGN_OR_RETURN(arm->identity,
                           MakeIdentity(spec, catalogue, arm->data.sha256));
  arm->identity.set_threads(file.study.threads());
  arm->uncertified = FromElsewhere(arm->identity, catalogue);
  return absl::OkStatus();
}

absl::Status FillDifferences(const PlannedArm& baseline, PlannedArm* arm) {
  arm->differences.clear();
  for (SpecDifference& each : DifferencesOf(baseline.resolved, arm->resolved))
    arm->differences.push_back({each.path, each.from, each.to, ""});
  for (FieldDifference& each : arm->differences) {
    each.reason = ReasonFor(*arm, baseline, each);
    if (each.reason.empty())
      return absl::InvalidArgumentError(
          absl::StrCat("arm '", arm->name, "' differs from the baseline in ",
                       each.path, " (", each.from, " -> ", each.to,
                       "), which no override and no budget explains"));
  }
  return absl::OkStatus();
}

absl::StatusOr<StudyPlan> MakePlan(const StudyFile& file,
                                   const Catalogue& catalogue,
                                   spec::BudgetPlan* solved) {
  StudyPlan plan;
  plan.file = file;
  DataReader reader(catalogue);
  for (const ArmDraft& draft : ArmsOf(file.study)) {
    PlannedArm arm;
    arm.name = draft.name;
    arm.description = draft.description;
    arm.levels = draft.levels;
    arm.overrides = file.set;
    arm.overrides.insert(arm.overrides.end(), draft.set.begin(),
                         draft.set.end());
    for (const std::string& each : arm.overrides)
      if (PathOf(each) == "seed")
        return absl::InvalidArgumentError(absl::StrCat(
            file.file, ": arm '", arm.name,
            "' sets `seed`; the study's `seeds` say which seeds arms take"));
    ARCHLAB_RETURN_IF_ERROR(ResolveArm(file, catalogue, &reader, &arm));
    plan.arms.push_back(std::move(arm));
  }
  ARCHLAB_RETURN_IF_ERROR(CheckGrid(plan));
  ARCHLAB_RETURN_IF_ERROR(CheckMetric(plan));
  ARCHLAB_RETURN_IF_ERROR(ReadEvaluationSet(catalogue, &reader, &plan));
  BudgetMatcher matcher(file, catalogue, &reader, solved);
  PlannedArm& baseline = plan.arms[0];
  for (size_t i = 1; i < plan.arms.size(); ++i) {
    PlannedArm& arm = plan.arms[i];
    if (file.study.has_budget())
      ARCHLAB_RETURN_IF_ERROR(matcher.Match(&baseline, &arm));
    const absl::Status explained = FillDifferences(baseline, &arm);
    if (!explained.ok())
      return absl::InvalidArgumentError(
          absl::StrCat(file.file, ": ", explained.message()));
    arm.apart = WhyNotComparable(file.study.metric(), baseline.yardstick,
                                 arm.yardstick);
    if (arm.differences.empty() && file.study.pairing() == spec::BY_SEED)
      plan.warnings.push_back(absl::StrCat(
          "arm '", arm.name, "' is the baseline: nothing differs"));
  }
  return plan;
}

std::vector<int64_t> SeedsOf(const StudyPlan& plan, int arm, int count) {
  const spec::Study& study = plan.study();
  int64_t first = study.seeds().first();
  if (study.pairing() == spec::UNPAIRED) first += arm * kSeedsOfAnArm;
  std::vector<int64_t> seeds(count);
  for (int i = 0; i < count; ++i) seeds[i] = first + i;
  return seeds;
}

std::vector<int64_t> TuningSeeds(const StudyPlan& plan, int arm) {
  std::vector<int64_t> seeds = SeedsOf(
      plan, arm, plan.study().has_grid() ? plan.study().grid().seeds() : 0);
  for (int64_t& seed : seeds) seed += kTuningSeedsFrom;
  return seeds;
}

std::vector<int64_t> PilotSeeds(const StudyPlan& plan, int arm) {
  std::vector<int64_t> seeds = SeedsOf(plan, arm, plan.study().seeds().count());
  for (int64_t& seed : seeds) seed += kPilotSeedsFrom;
  return seeds;
}

}  // namespace archlab
