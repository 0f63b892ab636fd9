// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab generate: text from a trained model, as it is drawn.

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/decoding.h"
#include "generation/decoding_loop.h"
#include "training/open_run.h"
#include "training/spec_context.h"

namespace archlab {
namespace {

struct GenerateOptions {
  std::string run;
  std::string checkpoint = "best";
  std::vector<std::string> overrides;
  std::vector<std::string> prompts;
  std::vector<std::string> stop;
  int64_t max_tokens = -1;
  int64_t seed = -1;
  int samples = 1;
  int beams = 0;
  bool no_cache = false;
  bool json = false;
};

// Prompts of the command line, else of the spec, else one newline; each as
// often as samples are wanted.
std::vector<std::string> Prompts(const GenerateOptions& options,
                                 const spec::Generation& defaults) {
  std::vector<std::string> given = options.prompts;
  if (given.empty())
    given.assign(defaults.prompt().begin(), defaults.prompt().end());
  if (given.empty()) given = {"\n"};
  std::vector<std::string> all;
  for (const std::string& prompt : given)
    for (int i = 0; i < options.samples; ++i) all.push_back(prompt);
  return all;
}

DecodingOptions Decoding(const GenerateOptions& options,
                         const spec::Experiment& experiment) {
  DecodingOptions decoding = DecodingOf(experiment);
  if (options.max_tokens >= 0) decoding.max_tokens = options.max_tokens;
  if (!options.stop.empty()) decoding.stop = options.stop;
  if (options.seed >= 0) decoding.seed = options.seed;
  if (options.beams > 0) decoding.beams = options.beams;
  decoding.cached = !options.no_cache;
  return decoding;
}

void PrintJson(const std::vector<std::string>& prompts,
               const std::vector<Generated>& results) {
  nlohmann::json all = nlohmann::json::array();
  for (size_t i = 0; i < results.size(); ++i)
    all.push_back({{"prompt", prompts[i]},
                   {"text", results[i].text},
                   {"ids", results[i].ids},
                   {"stopped", results[i].stopped}});
  std::printf("%s\n",
              all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
                  .c_str());
}

// What stands between a prompt and its text. A text with an end of its own is
// an answer, such as a translation, and begins a line; others go on.
std::string Separator(const OpenedRun& run) {
  const absl::StatusOr<PromptIds> prompt = PromptsOf(run)({});
  return prompt.ok() && prompt->end_id >= 0 ? "\n" : "";
}

void Print(absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

absl::Status Generate(const GenerateOptions& options,
                      const CliContext& context) {
  const auto catalogue = context.ScanPlugins();
  ARCHLAB_ASSIGN_OR_RETURN(
      const OpenedRun run,
      OpenRun(options.run, options.checkpoint, options.overrides, *catalogue));
  context.Warn(run.warning);
  UseSpecWeights(run);
  ARCHLAB_ASSIGN_OR_RETURN(const auto samplers,
                           MakeSamplers(run.spec, *catalogue));
  const spec::Experiment& experiment = run.spec.experiment();
  const std::vector<std::string> prompts =
      Prompts(options, experiment.generation());
  if (options.samples > 1 && Decoding(options, experiment).beams > 1)
    return absl::InvalidArgumentError(
        "beam search finds one text for a prompt; leave out --samples, or take "
        "--beams 1 to draw");
  if (run.tokenizer == nullptr)
    return absl::InvalidArgumentError(
        absl::StrCat(options.run, ": a model of images writes no text"));
  const DecodingLoop loop(*run.model, *run.tokenizer, samplers, PromptsOf(run));
  // A single text is shown as it comes; several would run into each other.
  const bool stream = prompts.size() == 1 && !options.json;
  const std::string separator = Separator(run);
  bool begun = false;  // the prompt is shown once it is known to be good
  const auto begin = [&] {
    if (!std::exchange(begun, true)) Print(prompts[0] + separator);
  };
  TextSink sink;
  if (stream)
    sink = [&](int64_t, absl::string_view text) {
      begin();
      Print(text);
    };
  ARCHLAB_ASSIGN_OR_RETURN(
      const std::vector<Generated> results,
      loop.Run(prompts, Decoding(options, experiment), sink));
  if (options.json) {
    PrintJson(prompts, results);
  } else if (stream) {
    begin();
    Print("\n");
  } else {
    for (size_t i = 0; i < results.size(); ++i)
      Print(absl::StrCat(i ? "----\n" : "", prompts[i], separator,
                         results[i].text, "\n"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddGenerateCommand(CLI::App& app, CliContext& context) {
  CLI::App* command =
      app.add_subcommand("generate", "Continue a text with a trained model");
  auto options = std::make_shared<GenerateOptions>();
  command->add_option("RUN", options->run, "Folder of the run")->required();
  command
      ->add_option("--prompt", options->prompts,
                   "Text to continue (repeatable; default: the spec's)")
      ->allow_extra_args(false);
  command
      ->add_option("--max-tokens", options->max_tokens,
                   "Tokens to draw (default: the spec's)")
      ->transform(WholeNumber(0, int64_t{1} << 24));
  command
      ->add_option("--stop", options->stop, "End before this text (repeatable)")
      ->check(NotEmpty())
      ->allow_extra_args(false);
  command
      ->add_option("--seed", options->seed,
                   "Seed of the draws (default: the experiment's)")
      ->transform(WholeNumber(0));
  command
      ->add_option("--beams", options->beams,
                   "Beam search over so many sequences (default: the spec's)")
      ->check(CLI::Range(1, 256));
  command
      ->add_option("--samples", options->samples,
                   "Continuations of each prompt")
      ->transform(WholeNumber(1, 4096));
  command->add_option(
      "--checkpoint", options->checkpoint,
      "best (by validation loss; the default), last, or a step");
  AddSetOption(*command, &options->overrides);
  command->add_flag("--no-cache", options->no_cache,
                    "Recompute the whole text for each token (slow; the text "
                    "is the same)");
  command->add_flag("--json", options->json, "Machine-readable output");
  command->footer(
      "Examples:\n"
      "  archlab generate runs/gpt_char-1337 --prompt 'In the beginning'\n"
      "  archlab generate RUN --samples 3 --max-tokens 200\n"
      "  archlab generate RUN --set 'generation.sampler = [sampler/greedy] "
      "{}'\n"
      "  archlab generate RUN --set 'generation.weights = INT8'");
  command->callback([options, &context] {
    if (absl::Status status = Generate(*options, context); !status.ok())
      context.Fail(status);
  });
}

}  // namespace archlab
