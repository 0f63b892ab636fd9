// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab train: trains a spec, or goes on with a run.

#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "training/launch.h"

namespace archlab {
namespace {

constexpr char kExamples[] = R"(Examples:
  archlab train experiments/gpt_char/experiment.textproto
  archlab train spec.textproto --set 'training.steps = 100' --run runs/short
  archlab train --resume runs/short

Ctrl-C finishes the step, saves, says how to resume, and exits with 1: the
training is not complete. A second Ctrl-C stops at once; --resume then goes on
from the last checkpoint. Exit status: 0 trained, 1 stopped or failed, 2 the
input was wrong.)";

struct TrainOptions {
  std::string target;  // a spec, or the folder of a run with --resume
  TrainRequest request;
  int64_t seed = -1;
  int threads = 0;  // read by cli/omp_environment.cc
  bool quiet = false;
};

absl::Status FillRequest(TrainOptions& options) {
  TrainRequest& request = options.request;
  std::error_code error;
  if (request.from_step >= 0) request.resume = true;
  if (options.seed >= 0)
    request.overrides.push_back(absl::StrCat("seed = ", options.seed));
  if (!std::filesystem::is_directory(options.target, error)) {
    request.spec_file = options.target;
    return absl::OkStatus();
  }
  if (!request.resume)
    return absl::InvalidArgumentError(
        absl::StrCat(options.target,
                     ": is a folder; to go on with the run in it write "
                     "`archlab train --resume ",
                     options.target, "`"));
  if (!request.overrides.empty() || !request.run_path.empty())
    return absl::InvalidArgumentError(
        "a run is resumed with the spec it was started with: --set, --seed and "
        "--run cannot be given with it");
  request.run_path = options.target;
  return absl::OkStatus();
}

void PrintSummary(const TrainingSummary& summary,
                  const std::string& plugin_options) {
  const std::string& path = summary.run_path;
  std::printf("run               %s\n", path.c_str());
  std::printf("steps             %lld\n", static_cast<long long>(summary.step));
  if (summary.session_steps > 0) {
    std::printf("time              %s\n",
                FormatSeconds(summary.session_seconds).c_str());
    std::printf("tokens/s          %.0f\n", summary.tokens_per_second);
  }
  std::printf("validation loss   %.4f nats a %s\n", summary.validation_loss,
              summary.accuracy ? "sample" : "token");
  if (summary.accuracy)
    std::printf("accuracy          %.2f %%\n", 100 * *summary.accuracy);
  if (summary.bits_per_byte)
    std::printf("bits per byte     %.4f\n", *summary.bits_per_byte);
  if (summary.generates)
    std::printf("generate with     archlab generate %s%s\n", path.c_str(),
                plugin_options.c_str());
}

void RunTrain(TrainOptions& options, CliContext& context) {
  const absl::Status filled = FillRequest(options);
  if (!filled.ok()) return context.Fail(filled);
  // Who reads the progress may leave; training goes on.
  signal(SIGPIPE, SIG_IGN);
  const std::unique_ptr<Catalogue> catalogue = context.ScanPlugins();
  Progress progress(options.quiet ? nullptr : stderr);
  const absl::StatusOr<TrainingSummary> summary =
      Train(options.request, *catalogue, &progress);
  if (!summary.ok()) return context.Fail(summary.status());
  const std::string plugin_options = context.PluginOptions();
  if (!summary->interrupted) return PrintSummary(*summary, plugin_options);
  std::fprintf(stderr,
               "stopped after step %lld and saved; to go on: archlab train "
               "--resume %s%s\n",
               static_cast<long long>(summary->step), summary->run_path.c_str(),
               plugin_options.c_str());
  context.status = kFailed;
}

}  // namespace

void AddTrainCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand(
      "train", "Train the model of a spec, or go on with a run");
  auto options = std::make_shared<TrainOptions>();
  command
      ->add_option("spec", options->target,
                   "Spec file; with --resume also the folder of a run")
      ->required();
  AddSetOption(*command, &options->request.overrides);
  command
      ->add_option("--run", options->request.run_path,
                   "Folder of the run (default: runs/<name>-<seed>-<hash>)")
      ->check(NotEmpty());
  command->add_flag("--resume", options->request.resume,
                    "Go on from the last checkpoint if the run is there");
  command
      ->add_option("--from-step", options->request.from_step,
                   "Go on from the checkpoint of this step; later ones are "
                   "removed")
      ->transform(WholeNumber(0));
  command->add_option("--seed", options->seed, "The same as --set 'seed = N'")
      ->transform(WholeNumber(0));
  command
      ->add_option("--threads", options->threads,
                   "Threads to compute with (default: OMP_NUM_THREADS, or all)")
      ->transform(WholeNumber(1, 4096));
  command->add_flag("--quiet", options->quiet, "No progress, only the result");
  command->footer(kExamples);
  command->callback([options, &context] { RunTrain(*options, context); });
}

}  // namespace archlab
