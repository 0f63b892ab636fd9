// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/study_run.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "archlab/file.h"
#include "archlab/status.h"
#include "base/sha256.h"
#include "study/collect.h"
#include "training/run_folder.h"

namespace archlab {
namespace {

constexpr char kSampleTokens[] = "80";

bool Exists(const std::string& file) {
  std::error_code error;
  return std::filesystem::exists(file, error);
}

void Append(std::vector<std::string>* to,
            const std::vector<std::string>& more) {
  to->insert(to->end(), more.begin(), more.end());
}

std::vector<std::string> SetOptions(const std::vector<std::string>& overrides) {
  std::vector<std::string> options;
  for (const std::string& each : overrides) Append(&options, {"--set", each});
  return options;
}

// The file with the numbers on the study's own evaluation set.
std::string EvaluationFile(const StudyPlan& plan, const std::string& run) {
  return absl::StrCat(run, "/evaluation-", EvaluationKey(plan), ".json");
}

std::vector<std::string> EvaluateSets(const StudyPlan& plan) {
  return SetOptions(
      {plan.study().evaluate().begin(), plan.study().evaluate().end()});
}

std::vector<std::string> TrainArguments(const StudyPlan& plan,
                                        const StudyTask& task,
                                        const StudyOptions& options) {
  std::vector<std::string> arguments = options.plugin_options;
  Append(&arguments, {"train"});
  if (task.choice.there) {
    Append(&arguments, {"--resume", task.choice.path});
  } else {
    Append(&arguments, {plan.file.base_file});
    Append(&arguments, SetOptions(task.overrides));
    Append(&arguments, {"--run", task.choice.path});
  }
  return arguments;
}

// What is still to be done once the run is trained.
void AddFollowing(const StudyPlan& plan, const PlannedArm& arm,
                  const StudyOptions& options, StudyTask* task) {
  const std::string& run = task->choice.path;
  const auto add = [&](const std::vector<std::string>& arguments,
                       const std::string& output, bool may_fail) {
    Command command;
    command.arguments = options.plugin_options;
    Append(&command.arguments, arguments);
    command.output_file = output;
    command.may_fail = may_fail;
    task->job.commands.push_back(std::move(command));
  };
  if (!plan.study().evaluate().empty() && !Exists(EvaluationFile(plan, run))) {
    std::vector<std::string> arguments = {"eval", run, "--checkpoint", "last",
                                          "--json"};
    Append(&arguments, EvaluateSets(plan));
    add(arguments, EvaluationFile(plan, run), false);
  }
  if (!task->status.stage.empty()) return;
  if (!Exists(DetailsFile(run, EvaluationKey(plan)))) {
    std::vector<std::string> arguments = {
        "eval", run,         "--checkpoint",
        "last", "--details", DetailsFile(run, EvaluationKey(plan))};
    Append(&arguments, EvaluateSets(plan));
    add(arguments, "", true);
  }
  if (arm.generates && !Exists(SampleFile(run)) &&
      task->seed == SeedsOf(plan, task->arm, 1)[0])
    add({"generate", run, "--checkpoint", "last", "--seed", "1", "--max-tokens",
         kSampleTokens},
        SampleFile(run), true);
}

std::optional<double> NumberOf(const nlohmann::json& from, const char* name) {
  if (!from.contains(name) || !from[name].is_number()) return std::nullopt;
  return from[name].get<double>();
}

// Replaces the numbers by those on the study's own evaluation set.
void ReadEvaluation(const StudyPlan& plan, StudyRun* run) {
  const absl::StatusOr<std::string> text =
      ReadFile(EvaluationFile(plan, run->folder));
  const nlohmann::json found =
      text.ok() ? nlohmann::json::parse(*text, nullptr, false)
                : nlohmann::json();
  if (!found.is_object()) {
    run->done = false;
    run->error = "was not evaluated on the study's dataset";
    return;
  }
  run->validation_loss = NumberOf(found, "validation_loss");
  run->bits_per_byte = NumberOf(found, "bits_per_byte");
  run->accuracy = NumberOf(found, "accuracy");
  run->value = plan.study().metric() == spec::ACCURACY ? run->accuracy
               : plan.study().metric() == spec::BITS_PER_BYTE
                   ? run->bits_per_byte
                   : run->validation_loss;
}

}  // namespace

absl::StatusOr<StudyTask> MakeTask(const StudyPlan& plan, int arm, int64_t seed,
                                   const std::vector<std::string>& extra,
                                   const std::string& stage,
                                   const StudyFolder& folder,
                                   const Catalogue& catalogue,
                                   const StudyOptions& options) {
  const PlannedArm& planned = plan.arms[arm];
  StudyTask task;
  task.arm = arm;
  task.seed = seed;
  task.status.arm = planned.name;
  task.status.seed = seed;
  task.status.stage = stage;
  task.status.steps = planned.steps;
  task.status.cost = planned.budgets.training_flops;
  task.overrides = planned.overrides;
  Append(&task.overrides, extra);
  task.overrides.push_back(absl::StrCat("seed = ", seed));
  std::vector<std::string> own = extra;
  own.push_back(task.overrides.back());
  ARCHLAB_ASSIGN_OR_RETURN(const Spec spec,
                           LoadArm(plan.file, planned, own, catalogue));
  RunIdentity identity = planned.identity;
  identity.set_spec_sha256(spec.Hash());
  task.choice =
      folder.Choose(planned.name, seed, identity, options.accept_build);
  task.job.log_file = folder.log_file(task.choice.path);
  task.job.threads = plan.study().threads();
  task.job.alone = plan.study().has_budget() &&
                   plan.study().budget().match() == spec::WALL_CLOCK;
  if (!task.choice.done)
    task.job.commands.push_back({TrainArguments(plan, task, options), ""});
  AddFollowing(plan, planned, options, &task);
  if (task.job.commands.empty()) {
    task.job.state = Job::kDone;
    task.status.state = RunStatus::kKept;
  }
  return task;
}

std::string EvaluationKey(const StudyPlan& plan) {
  if (plan.study().evaluate().empty()) return "";
  std::string what = plan.evaluation_sha256;
  for (const std::string& each : plan.study().evaluate())
    absl::StrAppend(&what, "\n", each);
  return Sha256Hex(what).substr(0, 8);
}

std::string ShellQuoted(const std::string& text) {
  const bool plain =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isalnum(c) ||
               std::string("_-./=+,:").find(c) != std::string::npos;
      });
  if (plain) return text;
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

std::string CommandLine(const StudyPlan& plan, const StudyTask& task,
                        const StudyOptions& options) {
  StudyTask fresh = task;
  fresh.choice.there = false;
  std::string line = "archlab";
  for (const std::string& each : TrainArguments(plan, fresh, options))
    absl::StrAppend(&line, " ", ShellQuoted(each));
  return absl::StrCat(line, " --threads ", plan.study().threads());
}

StudyRun ResultOf(const StudyPlan& plan, const StudyTask& task,
                  const StudyOptions& options) {
  StudyRun run;
  run.arm = plan.arms[task.arm].name;
  run.seed = task.seed;
  run.folder = task.choice.path;
  run.command = CommandLine(plan, task, options);
  if (task.job.state == Job::kFailed) run.error = task.job.error;
  if (!task.choice.accepted.empty())
    run.warning = absl::StrCat("made by another build: ", task.choice.accepted);
  if (!RunFolder::IsRun(task.choice.path)) return run;
  CollectRun(plan.study().metric(), &run);
  if (run.done && !plan.study().evaluate().empty()) ReadEvaluation(plan, &run);
  if (run.done && !run.value) {
    run.done = false;
    run.error = absl::StrCat("has no ", MetricName(plan.study().metric()));
  }
  if (run.done && task.job.state == Job::kDone && task.status.stage.empty() &&
      !Exists(DetailsFile(run.folder, EvaluationKey(plan))))
    run.warning =
        absl::StrCat(run.warning, run.warning.empty() ? "" : "; ",
                     "its losses by document could not be found out: see ",
                     task.job.log_file);
  return run;
}

}  // namespace archlab
