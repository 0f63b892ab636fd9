// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab eval: the loss of a trained model on the whole validation part.

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "training/evaluate.h"
#include "training/open_run.h"

namespace archlab {
namespace {

constexpr char kExamples[] = R"(Examples:
  archlab eval runs/gpt_char-1337-0123abcd
  archlab eval runs/gpt_char-1337-0123abcd --checkpoint last --json)";

struct EvalOptions {
  std::string run;
  std::string checkpoint = "best";
  int threads = 0;  // read by cli/omp_environment.cc
  bool json = false;
};

absl::Status RunEval(const EvalOptions& options, const CliContext& context) {
  const std::unique_ptr<Catalogue> catalogue = context.ScanPlugins();
  ARCHLAB_ASSIGN_OR_RETURN(
      const OpenedRun run,
      OpenRun(options.run, options.checkpoint, {}, *catalogue));
  ARCHLAB_ASSIGN_OR_RETURN(
      const PreparedData data,
      PrepareData(run.spec, *catalogue, &run.tokenizer_files));
  context.Warn(run.warning);
  const bool same_corpus =
      data.corpus->hash() == run.folder.run().identity().data_sha256();
  if (!same_corpus)
    context.Warn(
        "the text of the corpus, or how it is encoded, has changed since the "
        "run was trained: this is the loss on another text");
  const EvaluationPlan plan = {
      run.spec.experiment().training().batch_sequences(), 0};
  ARCHLAB_ASSIGN_OR_RETURN(const Evaluation found,
                           Evaluate(*run.model, *data.corpus, plan));
  if (options.json) {
    nlohmann::ordered_json out = {{"run", options.run},
                                  {"step", run.step},
                                  {"corpus", same_corpus ? "same" : "changed"},
                                  {"tokens", found.tokens},
                                  {"validation_loss", found.loss}};
    if (found.accuracy) out["accuracy"] = *found.accuracy;
    if (found.bits_per_byte) out["bits_per_byte"] = *found.bits_per_byte;
    out["perplexity"] = found.perplexity;
    std::printf("%s\n",
                out.dump(2, ' ', false,
                         nlohmann::ordered_json::error_handler_t::replace)
                    .c_str());
    return absl::OkStatus();
  }
  std::printf("run               %s\n", options.run.c_str());
  std::printf("checkpoint        step %lld\n",
              static_cast<long long>(run.step));
  std::printf("tokens            %lld\n", static_cast<long long>(found.tokens));
  std::printf("validation loss   %.4f nats a token\n", found.loss);
  if (found.accuracy)
    std::printf("accuracy          %.2f %%\n", 100 * *found.accuracy);
  if (found.bits_per_byte)
    std::printf("bits per byte     %.4f\n", *found.bits_per_byte);
  std::printf("perplexity        %.4f\n", found.perplexity);
  return absl::OkStatus();
}

}  // namespace

void AddEvalCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand(
      "eval", "Loss of a trained model on the whole validation part");
  auto options = std::make_shared<EvalOptions>();
  command->add_option("run", options->run, "Folder of the run")->required();
  command->add_option(
      "--checkpoint", options->checkpoint,
      "best (by validation loss; the default), last, or a step");
  command
      ->add_option("--threads", options->threads,
                   "Threads to compute with (default: OMP_NUM_THREADS, or all)")
      ->transform(WholeNumber(1, 4096));
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(kExamples);
  command->callback([options, &context] {
    const absl::Status status = RunEval(*options, context);
    if (!status.ok()) context.Fail(status);
  });
}

}  // namespace archlab
