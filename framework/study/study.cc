// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/study.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/status.h"
#include "study/analyze.h"
#include "study/describe.h"
#include "study/last_logged_step.h"
#include "study/study_run.h"
#include "training/interrupt.h"

namespace archlab {
namespace {

constexpr auto kBetweenShows = std::chrono::milliseconds(500);
constexpr double kPower = 0.8;

class StudyRunner {
 public:
  StudyRunner(StudyPlan plan, StudyFolder* folder, const Catalogue& catalogue,
              const StudyOptions& options, StudyDisplay* display)
      : plan_(std::move(plan)),
        folder_(folder),
        catalogue_(catalogue),
        options_(options),
        display_(display) {
    analysis_.alpha = plan_.study().alpha();
    if (plan_.study().design() == spec::FULL_FACTORIAL) {
      for (const PlannedArm& arm : plan_.arms)
        analysis_.levels.push_back(arm.levels);
      for (const spec::Factor& factor : plan_.study().factor()) {
        analysis_.factors.push_back(factor.name());
        std::vector<std::string>& names = analysis_.level_names.emplace_back();
        for (const spec::Arm& level : factor.level())
          names.push_back(level.name());
      }
    }
  }

  absl::StatusOr<StudyOutcome> Run() {
    const InterruptGuard guard;
    ARCHLAB_RETURN_IF_ERROR(Tune());
    ARCHLAB_RETURN_IF_ERROR(Pilot());
    ARCHLAB_RETURN_IF_ERROR(LookEarly());
    ARCHLAB_RETURN_IF_ERROR(RunArms(AllArms(), seeds_, ""));
    SayLevels();
    StudyOutcome outcome;
    outcome.results = Results();
    AddDetails(plan_, options_, &outcome.results);
    outcome.interrupted = InterruptGuard::Requested();
    for (const StudyRun& run : outcome.results.runs)
      outcome.failed += !run.done && !run.error.empty();
    return outcome;
  }

 private:
  // Indices of the arms that still get seeds.
  std::vector<int> AllArms() const {
    std::vector<int> arms;
    for (int i = 0; i < static_cast<int>(plan_.arms.size()); ++i)
      if (analysis_.spent.count(plan_.arms[i].name) == 0 ||
          still_open_.count(i) > 0 || i == 0)
        arms.push_back(i);
    return arms;
  }

  // Looking early costs width: the reader must know of it.
  void SayLevels() {
    for (const auto& [arm, spent] : analysis_.spent)
      plan_.warnings.push_back(absl::StrFormat(
          "Looked at early: the interval of %s is one of %.4g %%, its p counts "
          "for all looks.",
          arm, 100 * (1 - spent)));
  }

  absl::Status Tune();
  absl::Status Pilot();
  absl::Status LookEarly();
  absl::Status ChooseOfGrid(const std::vector<StudyTask>& tasks, int arm);
  // Runs `count` seeds of the arms, and keeps their tasks.
  absl::Status RunArms(const std::vector<int>& arms, int count,
                       const std::string& stage);
  void RunTasks(std::vector<StudyTask>* tasks);
  void Refresh(std::vector<StudyTask>* tasks);
  StudyResults Results() const;

  StudyPlan plan_;
  StudyFolder* const folder_;
  const Catalogue& catalogue_;
  const StudyOptions& options_;
  StudyDisplay* const display_;
  AnalysisPlan analysis_;
  int seeds_ = 0;                 // of each arm, in the end
  std::set<int> still_open_;      // arms that looks have not decided
  std::vector<StudyTask> tasks_;  // of the comparison
  std::set<std::string> told_;    // why runs were made again
};

// Whether the value is the least or the largest of the grid's numbers.
bool AtEdge(const spec::Grid& grid, int best) {
  std::vector<double> values;
  for (const std::string& text : grid.value()) {
    double value = 0;
    if (!absl::SimpleAtod(text, &value)) return false;
    values.push_back(value);
  }
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return *least != *most && (values[best] == *least || values[best] == *most);
}

absl::Status StudyRunner::Tune() {
  const spec::Study& study = plan_.study();
  if (!study.has_grid()) return absl::OkStatus();
  std::vector<StudyTask> tasks;
  for (int arm = 0; arm < static_cast<int>(plan_.arms.size()); ++arm)
    for (const std::string& value : study.grid().value())
      for (const int64_t seed : TuningSeeds(plan_, arm)) {
        ARCHLAB_ASSIGN_OR_RETURN(
            StudyTask task,
            MakeTask(plan_, arm, seed,
                     {absl::StrCat(study.grid().path(), " = ", value)},
                     absl::StrCat("tuning ", value), *folder_, catalogue_,
                     options_));
        tasks.push_back(std::move(task));
      }
  display_->Say(absl::StrCat("tuning ", study.grid().path(), ": ", tasks.size(),
                             " runs"));
  RunTasks(&tasks);
  if (InterruptGuard::Requested()) return absl::OkStatus();
  for (int arm = 0; arm < static_cast<int>(plan_.arms.size()); ++arm)
    ARCHLAB_RETURN_IF_ERROR(ChooseOfGrid(tasks, arm));
  return absl::OkStatus();
}

absl::Status StudyRunner::ChooseOfGrid(const std::vector<StudyTask>& tasks,
                                       int arm) {
  const spec::Grid& grid = plan_.study().grid();
  const bool smaller = plan_.study().metric() != spec::ACCURACY;
  PlannedArm& planned = plan_.arms[arm];
  int best = -1;
  double best_mean = 0;
  for (int i = 0; i < grid.value_size(); ++i) {
    const std::string override =
        absl::StrCat(grid.path(), " = ", grid.value(i));
    double sum = 0;
    int count = 0;
    for (const StudyTask& task : tasks) {
      const auto& sets = task.overrides;
      if (task.arm != arm || sets[sets.size() - 2] != override) continue;
      const StudyRun run = ResultOf(plan_, task, options_);
      if (!run.done || !run.value || !std::isfinite(*run.value)) continue;
      sum += *run.value;
      ++count;
    }
    if (count < grid.seeds()) continue;  // one that diverges is none
    const double mean = sum / count;
    if (best < 0 || (smaller ? mean < best_mean : mean > best_mean)) {
      best = i;
      best_mean = mean;
    }
  }
  if (best < 0)
    return absl::FailedPreconditionError(
        absl::StrCat("arm '", planned.name, "': no value of ", grid.path(),
                     " could be trained; see ", folder_->path(), "/logs"));
  planned.chosen = absl::StrCat(grid.path(), " = ", grid.value(best));
  planned.overrides.push_back(planned.chosen);
  const std::string line =
      absl::StrFormat("%s: %s is the best of the grid (%.4f)", planned.name,
                      planned.chosen, best_mean);
  display_->Say(line);
  plan_.facts.emplace_back("grid", line);
  if (AtEdge(grid, best))
    plan_.warnings.push_back(absl::StrCat(
        "Arm ", planned.name, ": the best value of the grid, ",
        grid.value(best), ", is at its edge; a wider grid may find a better."));
  DataReader reader(catalogue_);
  ARCHLAB_RETURN_IF_ERROR(
      ResolveArm(plan_.file, catalogue_, &reader, &planned));
  return arm == 0 ? absl::OkStatus() : FillDifferences(plan_.arms[0], &planned);
}

// Seeds of its own: those that chose the number would count twice.
absl::Status StudyRunner::Pilot() {
  const spec::Seeds& seeds = plan_.study().seeds();
  seeds_ = seeds.count();
  if (!seeds.has_smallest_effect()) return absl::OkStatus();
  for (int k = 0; k < seeds.count(); ++k)
    for (int arm = 0; arm < static_cast<int>(plan_.arms.size()); ++arm) {
      ARCHLAB_ASSIGN_OR_RETURN(
          StudyTask task, MakeTask(plan_, arm, PilotSeeds(plan_, arm)[k], {},
                                   "pilot", *folder_, catalogue_, options_));
      tasks_.push_back(std::move(task));
    }
  RunTasks(&tasks_);
  const StudyResults pilot = Results();
  tasks_.clear();
  if (InterruptGuard::Requested()) return absl::OkStatus();
  double deviation = 0;
  int family = 0;
  for (const StudyArm& arm : pilot.arms) {
    if (!arm.difference || arm.difference->pairs < 2) continue;
    deviation = std::max(deviation, arm.difference->deviation);
    ++family;
  }
  const auto failed =
      std::count_if(pilot.runs.begin(), pilot.runs.end(),
                    [](const StudyRun& run) { return !run.done; });
  if (failed > 0)
    plan_.warnings.push_back(
        absl::StrCat(failed, " runs of the pilot failed and told nothing."));
  if (family == 0 || deviation == 0) {
    plan_.warnings.push_back(absl::StrCat(
        "The pilot could not tell the deviation of a difference: ", seeds_,
        " seeds were taken, whatever effect they show."));
    return absl::OkStatus();
  }
  const double alpha = analysis_.alpha / family;
  seeds_ = std::max(seeds_, PairsFor(seeds.smallest_effect(), deviation, alpha,
                                     kPower, seeds.most()));
  const double power =
      PowerOf(seeds.smallest_effect(), deviation, seeds_, alpha);
  const std::string line = absl::StrFormat(
      "the pilot's deviation of a difference is %.4g: with %d seeds an effect "
      "of %g is seen with %.0f %% probability",
      deviation, seeds_, seeds.smallest_effect(), 100 * power);
  display_->Say(line);
  plan_.facts.emplace_back("pilot", line);
  if (power < kPower)
    plan_.warnings.push_back(absl::StrFormat(
        "Too few seeds for the effect that was asked for: %g is seen with only "
        "%.0f %% probability; raise seeds.most.",
        seeds.smallest_effect(), 100 * power));
  return absl::OkStatus();
}

// Arms whose verdict is clear at a look get no more seeds. Each look spends
// its part of alpha.
absl::Status StudyRunner::LookEarly() {
  const spec::Seeds& seeds = plan_.study().seeds();
  if (seeds.look_size() == 0) return absl::OkStatus();
  std::vector<double> informed;
  for (const int look : seeds.look())
    informed.push_back(static_cast<double>(look) / seeds.count());
  informed.push_back(1);
  const std::vector<double> levels = SpendAlpha(analysis_.alpha, informed);
  for (int i = 1; i < static_cast<int>(plan_.arms.size()); ++i)
    still_open_.insert(i);
  for (int k = 0; k < static_cast<int>(levels.size()); ++k) {
    const bool last = k == seeds.look_size();
    for (const int arm : still_open_)
      analysis_.spent[plan_.arms[arm].name] = levels[k];
    if (last) break;
    ARCHLAB_RETURN_IF_ERROR(RunArms(AllArms(), seeds.look(k), ""));
    if (InterruptGuard::Requested()) return absl::OkStatus();
    const StudyResults results = Results();
    for (int i = 1; i < static_cast<int>(plan_.arms.size()); ++i) {
      const StudyArm& arm = results.arms[i];
      if (!arm.difference || arm.verdict == Verdict::kInconclusive) continue;
      if (still_open_.erase(i) == 0) continue;
      const std::string line =
          absl::StrCat(arm.name, " is ", VerdictName(arm.verdict), " after ",
                       seeds.look(k), " seeds and gets no more");
      display_->Say(line);
      plan_.facts.emplace_back("look", line);
    }
    if (still_open_.empty()) {
      seeds_ = seeds.look(k);  // the baseline needs no more either
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status StudyRunner::RunArms(const std::vector<int>& arms, int count,
                                  const std::string& stage) {
  if (InterruptGuard::Requested()) return absl::OkStatus();
  std::set<std::pair<int, int64_t>> known;
  for (const StudyTask& task : tasks_) known.insert({task.arm, task.seed});
  // By seed first: what is done early can be compared.
  for (int k = 0; k < count; ++k)
    for (const int arm : arms) {
      const int64_t seed = SeedsOf(plan_, arm, count)[k];
      if (!known.insert({arm, seed}).second) continue;
      ARCHLAB_ASSIGN_OR_RETURN(StudyTask task,
                               MakeTask(plan_, arm, seed, {}, stage, *folder_,
                                        catalogue_, options_));
      tasks_.push_back(std::move(task));
    }
  RunTasks(&tasks_);
  return absl::OkStatus();
}

void StudyRunner::Refresh(std::vector<StudyTask>* tasks) {
  for (StudyTask& task : *tasks) {
    RunStatus& status = task.status;
    switch (task.job.state) {
      case Job::kWaiting:
        break;
      case Job::kRunning:
        status.state = RunStatus::kRunning;
        status.step = LastLoggedStep(task.choice.path);
        break;
      case Job::kDone:
        if (status.state != RunStatus::kKept) status.state = RunStatus::kDone;
        status.step = status.steps;
        break;
      case Job::kFailed:
        status.state = RunStatus::kFailed;
        status.error = task.job.error;
        break;
      case Job::kStopped:
        status.state = RunStatus::kStopped;
        break;
    }
  }
}

void StudyRunner::RunTasks(std::vector<StudyTask>* tasks) {
  std::map<std::string, size_t> by_folder;  // two arms may be one run
  std::vector<Job> jobs;
  std::vector<std::pair<size_t, size_t>> at;  // task, job
  for (size_t i = 0; i < tasks->size(); ++i) {
    StudyTask& task = (*tasks)[i];
    if (!task.choice.rejected.empty() && told_.insert(task.choice.path).second)
      display_->Say(absl::StrCat(task.status.arm, " seed ", task.seed,
                                 " is made again: ", task.choice.rejected,
                                 " (--accept-build keeps the old run)"));
    if (task.job.state != Job::kWaiting || task.job.commands.empty()) continue;
    const auto [job, added] = by_folder.insert({task.choice.path, jobs.size()});
    if (added) jobs.push_back(task.job);
    at.emplace_back(i, job->second);
  }
  auto shown = std::chrono::steady_clock::time_point();
  StudyResults results = Results();
  size_t done = 0;
  const auto poll = [&] {
    for (const auto& [task, job] : at) (*tasks)[task].job = jobs[job];
    const auto now = std::chrono::steady_clock::now();
    if (now - shown < kBetweenShows) return;
    shown = now;
    Refresh(tasks);
    size_t finished = 0;
    std::vector<RunStatus> runs;
    for (const StudyTask& task : *tasks) {
      runs.push_back(task.status);
      finished += task.job.state == Job::kDone;
    }
    if (finished != done) results = Results();
    done = finished;
    display_->Show(runs, results);
  };
  RunJobs(options_.jobs, poll, &jobs);
  shown = {};
  poll();
  folder_->Scan();
}

StudyResults StudyRunner::Results() const {
  std::vector<StudyRun> runs;
  for (const StudyTask& task : tasks_)
    runs.push_back(ResultOf(plan_, task, options_));
  std::map<std::string, int> order;
  for (size_t i = 0; i < plan_.arms.size(); ++i)
    order[plan_.arms[i].name] = static_cast<int>(i);
  std::stable_sort(runs.begin(), runs.end(),
                   [&](const StudyRun& a, const StudyRun& b) {
                     return std::pair(order[a.arm], a.seed) <
                            std::pair(order[b.arm], b.seed);
                   });
  return DescribeStudy(plan_, std::move(runs), analysis_, options_);
}

}  // namespace

absl::StatusOr<StudyOutcome> RunStudy(StudyPlan plan, StudyFolder* folder,
                                      const Catalogue& catalogue,
                                      const StudyOptions& options,
                                      StudyDisplay* display) {
  return StudyRunner(std::move(plan), folder, catalogue, options, display)
      .Run();
}

}  // namespace archlab
