// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab study: compares variants of an experiment, with seeds, intervals and
// a report.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/format.h"
#include "cli/study_display.h"
#include "report/report.h"
#include "report/summary.h"
#include "study/analyses.h"
#include "study/analyze.h"
#include "study/study_file.h"
#include "study/study_run.h"
#include "training/progress.h"

namespace archlab {
namespace {

constexpr char kExamples[] = R"(Examples:
  archlab study experiments/which_position/study.textproto --plan
  archlab study experiments/which_position/study.textproto --jobs 2
  archlab study STUDY --set 'seeds.count = 10' --set 'training.steps = 5000'

Started again, a study goes on where it stopped: runs that are done are kept,
half-done ones go on, and an arm or a seed that was added trains only its own
runs. Ctrl-C lets the runs save and stops. Exit status: 0 all runs are done,
1 some failed or it was stopped, 2 the input was wrong.)";

struct StudyCommand {
  std::string file, folder;
  std::vector<std::string> overrides;
  int jobs = 0;
  bool plan = false, accept_build = false, json = false, quiet = false;
};

StudyOptions OptionsOf(const StudyCommand& command, const CliContext& context,
                       int threads) {
  StudyOptions options;
  const int cores =
      std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  options.jobs = command.jobs > 0 ? command.jobs : std::max(1, cores / threads);
  if (options.jobs > 1 && options.jobs * threads > cores)
    context.Warn(
        absl::StrCat(options.jobs, " jobs of ", threads,
                     threads == 1 ? " thread" : " threads", " share ", cores,
                     " cores: results are the same, but nothing gets "
                     "faster, and what is measured in seconds means little"));
  options.accept_build = command.accept_build;
  for (const std::string& directory : context.plugin_path) {
    options.plugin_options.emplace_back("--plugin-path");
    options.plugin_options.push_back(directory);
  }
  if (context.allow_insecure_plugins)
    options.plugin_options.emplace_back("--allow-insecure-plugins");
  options.command = absl::StrCat("archlab study ", ShellQuoted(command.file));
  for (const std::string& each : command.overrides)
    absl::StrAppend(&options.command, " --set ", ShellQuoted(each));
  if (!command.folder.empty())
    absl::StrAppend(&options.command, " --folder ",
                    ShellQuoted(command.folder));
  absl::StrAppend(&options.command, context.PluginOptions());
  options.archlab_version = ARCHLAB_VERSION;
  return options;
}

// What differs in each arm, and what it costs.
void PrintArms(const StudyPlan& plan) {
  for (const PlannedArm& arm : plan.arms) {
    std::printf(
        "%s%s%s\n", arm.name.c_str(),
        &arm == plan.arms.data() ? " (baseline)" : "",
        arm.description.empty() ? "" : (": " + arm.description).c_str());
    for (const FieldDifference& each : arm.differences)
      std::printf("  %s: %s -> %s (%s)\n", each.path.c_str(),
                  each.from.empty() ? "absent" : each.from.c_str(),
                  each.to.empty() ? "absent" : each.to.c_str(),
                  each.reason.c_str());
    if (!arm.apart.empty())
      std::printf("  not compared: %s\n", arm.apart.c_str());
  }
  Table table({"arm", "steps", "parameters", "active", "training FLOPs",
               "KV cache", "text read"});
  for (const PlannedArm& arm : plan.arms)
    table.Add(
        {arm.name, absl::StrCat(arm.steps), WithCommas(arm.budgets.parameters),
         WithCommas(arm.budgets.active_parameters),
         absl::StrFormat("%.3g", arm.budgets.training_flops),
         Bytes(arm.budgets.kv_cache_bytes), Bytes(arm.budgets.training_bytes)});
  std::printf("\n%s\n", table.ToString().c_str());
}

// Counts the runs, and tries each arm out to tell how long they take.
absl::Status PrintRuns(const StudyPlan& plan, const StudyFolder& folder,
                       const Catalogue& catalogue,
                       const StudyOptions& options) {
  int there = 0, missing = 0;
  double seconds = 0;
  const spec::Study& study = plan.study();
  for (int i = 0; i < static_cast<int>(plan.arms.size()); ++i) {
    int of_arm = 0;
    const auto count = [&](int64_t seed, const std::vector<std::string>& extra,
                           const std::string& stage) -> absl::Status {
      ARCHLAB_ASSIGN_OR_RETURN(
          const StudyTask task,
          MakeTask(plan, i, seed, extra, stage, folder, catalogue, options));
      if (!task.choice.rejected.empty())
        std::printf("%s seed %lld will be made again: %s\n",
                    task.status.arm.c_str(), static_cast<long long>(seed),
                    task.choice.rejected.c_str());
      (task.choice.done ? there : of_arm) += 1;
      return absl::OkStatus();
    };
    for (const std::string& value : study.grid().value())
      for (const int64_t seed : TuningSeeds(plan, i))
        ARCHLAB_RETURN_IF_ERROR(count(
            seed, {absl::StrCat(study.grid().path(), " = ", value)}, "tuning"));
    if (study.seeds().has_smallest_effect())
      for (const int64_t seed : PilotSeeds(plan, i))
        ARCHLAB_RETURN_IF_ERROR(count(seed, {}, "pilot"));
    // Which value the grid chooses is not known yet.
    if (study.has_grid())
      of_arm += study.seeds().count();
    else
      for (const int64_t seed : SeedsOf(plan, i, study.seeds().count()))
        ARCHLAB_RETURN_IF_ERROR(count(seed, {}, ""));
    missing += of_arm;
    if (of_arm == 0) continue;
    ARCHLAB_ASSIGN_OR_RETURN(const Spec spec,
                             LoadArm(plan.file, plan.arms[i], {}, catalogue));
    ARCHLAB_ASSIGN_OR_RETURN(const Trial trial,
                             TryOut(spec, catalogue, study.threads()));
    seconds += of_arm * (trial.seconds_around +
                         trial.seconds_per_step *
                             static_cast<double>(plan.arms[i].steps));
  }
  const bool alone =
      study.has_budget() && study.budget().match() == spec::WALL_CLOCK;
  std::printf("%d runs to train, %d there already%s\n", missing, there,
              study.seeds().has_smallest_effect()
                  ? "; the pilot may ask for more"
              : study.has_grid()
                  ? "; those that the grid decides about may be there too"
                  : "");
  if (missing > 0)
    std::printf("about %s with %d %s side by side, from a trial of each arm\n",
                FormatSeconds(seconds / (alone ? 1 : options.jobs)).c_str(),
                alone ? 1 : options.jobs,
                alone || options.jobs == 1 ? "run" : "runs");
  return absl::OkStatus();
}

void PrintResults(const StudyOutcome& outcome, const std::string& folder) {
  const StudyResults& results = outcome.results;
  std::printf("%s\n", ResultTable(results).c_str());
  if (!results.interactions.empty())
    std::printf("%s\n", EffectTable(results).c_str());
  if (!results.question.empty()) std::printf("%s\n", results.question.c_str());
  std::printf("%s\n\n", results.verdict.c_str());
  std::printf("report            %s/report.html\n", folder.c_str());
  std::printf("results           %s/results.csv\n", folder.c_str());
}

absl::Status RunTheStudy(const StudyCommand& command, CliContext& context) {
  signal(SIGPIPE, SIG_IGN);
  const std::unique_ptr<Catalogue> catalogue = context.ScanPlugins();
  ARCHLAB_ASSIGN_OR_RETURN(
      const StudyFile file,
      LoadStudy(command.file, command.overrides, *catalogue));
  const StudyOptions options =
      OptionsOf(command, context, file.study.threads());
  const std::string path =
      command.folder.empty() ? "studies/" + file.study.name() : command.folder;
  ARCHLAB_ASSIGN_OR_RETURN(StudyFolder folder, StudyFolder::Open(path));
  ARCHLAB_ASSIGN_OR_RETURN(spec::BudgetPlan solved, folder.ReadPlan());
  ARCHLAB_ASSIGN_OR_RETURN(StudyPlan plan, MakePlan(file, *catalogue, &solved));
  if (solved.arm_size() > 0) ARCHLAB_RETURN_IF_ERROR(folder.WritePlan(solved));
  for (const std::string& warning : plan.warnings) context.Warn(warning);
  if (command.plan) {
    PrintArms(plan);
    return PrintRuns(plan, folder, *catalogue, options);
  }
  absl::StatusOr<StudyOutcome> outcome = StudyOutcome();
  {
    TerminalStudyDisplay display(command.quiet);
    outcome = RunStudy(std::move(plan), &folder, *catalogue, options, &display);
  }
  if (!outcome.ok()) return outcome.status();
  // Half a study is judged by nobody; what was there stays.
  if (outcome->interrupted) {
    std::fprintf(stderr, "stopped and saved; to go on: %s\n",
                 options.command.c_str());
    context.status = kFailed;
    return absl::OkStatus();
  }
  if (outcome->failed == 0)
    ARCHLAB_RETURN_IF_ERROR(RecordAnalysis(path, &outcome->results));
  ARCHLAB_RETURN_IF_ERROR(WriteReport(outcome->results, path));
  for (const std::string& warning : report::Warnings(outcome->results))
    context.Warn(warning);
  if (command.json)
    std::fputs(ArmsJsonl(outcome->results).c_str(), stdout);
  else
    PrintResults(*outcome, path);
  if (outcome->failed > 0) context.status = kFailed;
  return absl::OkStatus();
}

}  // namespace

void AddStudyCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand(
      "study", "Compare variants of an experiment, over seeds, with a report");
  auto options = std::make_shared<StudyCommand>();
  command->add_option("STUDY", options->file, "Study file")->required();
  AddSetOption(*command, &options->overrides);
  command
      ->add_option("--jobs", options->jobs,
                   "Runs side by side (default: as many as the cores carry); "
                   "changes no result")
      ->transform(WholeNumber(1, 1024));
  command
      ->add_option("--folder", options->folder,
                   "Folder of the study (default: studies/<name>)")
      ->check(NotEmpty());
  command->add_flag("--plan", options->plan,
                    "Show arms, what differs in each, runs and time; run "
                    "nothing");
  command->add_flag("--accept-build", options->accept_build,
                    "Keep runs that another build of archlab or its plugins "
                    "made, and mark them");
  command->add_flag("--json", options->json, "Print a JSON line for each arm");
  command->add_flag("--quiet", options->quiet, "No progress, only the result");
  command->footer(kExamples);
  command->callback([options, &context] {
    const absl::Status status = RunTheStudy(*options, context);
    if (!status.ok()) context.Fail(status);
  });
}

}  // namespace archlab
