// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab attention: the attention weights of a trained model on one text.

#include <cstdio>
#include <memory>
#include <optional>

#include "archlab/status.h"
#include "base/file.h"
#include "cli/commands.h"
#include "report/attention_page.h"
#include "report/attention_text.h"
#include "report/visible_token.h"
#include "training/open_run.h"

namespace archlab {
namespace {

constexpr char kAttentionExamples[] = R"(Examples:
  archlab attention runs/gpt --text "In the beginning"
  archlab attention runs/translate --text "Ein Hund rennt." --target "A dog runs."
  archlab attention runs/gpt --text "aba" --output aba.html --checkpoint last
  archlab attention runs/gpt --text "aba" --json > aba.json   # bertviz's shape)";

struct AttentionCommandOptions {
  std::string run, text, output;
  std::optional<std::string> target;
  std::string checkpoint = "best";
  int threads = 0;  // read by cli/omp_environment.cc
  bool json = false;
};

absl::Status ShowAttention(const AttentionCommandOptions& options,
                           const CliContext& context) {
  const auto catalogue = context.ScanPlugins();
  ARCHLAB_ASSIGN_OR_RETURN(
      const OpenedRun run,
      OpenRun(options.run, options.checkpoint, {}, *catalogue));
  context.Warn(run.warning);
  ARCHLAB_ASSIGN_OR_RETURN(const Batch batch,
                           AttentionText(run, options.text, options.target));
  AttentionReport report;
  report.run = options.run;
  report.step = run.step;
  ARCHLAB_ASSIGN_OR_RETURN(report.maps, ReadAttentionMaps(*run.model, batch));
  if (run.model->Generates())
    report.scores = ScoreModel(*run.model, run.vocabulary.ordinary(),
                               run.model->HasEncoder() ? batch.ids : Tensor());
  const TokenNames names(*run.tokenizer, run.vocabulary, *run.objective);
  report.token = [&names](int32_t id) { return names.Of(id); };
  if (options.json) {
    const std::string json = AttentionJson(report);
    std::fwrite(json.data(), 1, json.size(), stdout);
    std::fputc('\n', stdout);
    if (options.output.empty()) return absl::OkStatus();
  }
  const std::string file =
      options.output.empty() ? "attention.html" : options.output;
  ARCHLAB_RETURN_IF_ERROR(WriteFileAtomically(file, AttentionPage(report)));
  if (!options.json) std::printf("%s\n", file.c_str());
  return absl::OkStatus();
}

}  // namespace

void AddAttentionCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand(
      "attention", "Show what a trained model attends to, as a page of HTML");
  auto options = std::make_shared<AttentionCommandOptions>();
  command->add_option("RUN", options->run, "Folder of the run")->required();
  command->add_option("--text", options->text, "Text to read")
      ->required()
      ->check(NotEmpty());
  command
      ->add_option("--target", options->target,
                   "What the model has written so far (an encoder-decoder "
                   "writes its own without it)")
      ->check(NotEmpty());
  command
      ->add_option("--output", options->output,
                   "The page (default: attention.html)")
      ->check(NotEmpty());
  command->add_option(
      "--checkpoint", options->checkpoint,
      "best (by validation loss; the default), last, or a step");
  command
      ->add_option("--threads", options->threads,
                   "Threads to compute with (default: OMP_NUM_THREADS, or all)")
      ->transform(WholeNumber(1, 4096));
  command->add_flag("--json", options->json,
                    "Print the weights; a page only with --output");
  command->footer(kAttentionExamples);
  command->callback([options, &context] {
    if (absl::Status status = ShowAttention(*options, context); !status.ok())
      context.Fail(status);
  });
}

}  // namespace archlab
