// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab eval: the loss of a trained model on the whole validation part, and
// how often it writes what it should.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/decoding.h"
#include "generation/compare.h"
#include "training/details.h"
#include "training/evaluate.h"
#include "training/open_run.h"

namespace archlab {
namespace {

constexpr char kExamples[] = R"(Examples:
  archlab eval runs/gpt_char-1337-0123abcd
  archlab eval runs/gpt_char-1337-0123abcd --checkpoint last --json
  archlab eval runs/sort-1337-0123abcd --generate
  archlab eval runs/gpt_char-1337-0123abcd --details details.json
  archlab eval RUN --set 'generation.weights = INT8'
  archlab eval RUN --generate --set 'generation.beams = 4' \
    --set 'data.dataset.validation_path = "test.tsv"')";

struct EvalOptions {
  std::string run;
  std::string checkpoint = "best";
  std::vector<std::string> overrides;
  int threads = 0;  // read by cli/omp_environment.cc
  bool json = false;
  bool generate = false;
  std::string details;  // file to write; empty: none
};

// Whether a file can be written there, before hours go into what is in it.
absl::Status CheckDetailsFile(const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) &&
      !std::filesystem::is_regular_file(status))
    return absl::InvalidArgumentError(
        absl::StrCat("--details: '", path, "' is no file; name another"));
  if (!std::filesystem::is_directory(DirectoryOf(path), error))
    return absl::NotFoundError(
        absl::StrCat("--details: there is no directory '", DirectoryOf(path),
                     "' to write to; make it, or name another"));
  return absl::OkStatus();
}

// Writes the validation part's targets with the spec's samplers or beams.
absl::StatusOr<Comparison> Compare(const OpenedRun& run,
                                   const PreparedData& data,
                                   const Catalogue& catalogue) {
  if (run.tokenizer == nullptr)
    return absl::InvalidArgumentError("a model of images writes no text");
  ARCHLAB_ASSIGN_OR_RETURN(const auto samplers,
                           MakeSamplers(run.spec, catalogue));
  const DecodingLoop loop(*run.model, *run.tokenizer, samplers, PromptsOf(run));
  ComparePlan plan;
  plan.decoding = DecodingOf(run.spec.experiment());
  if (isatty(STDERR_FILENO))
    plan.progress = [](int64_t done, int64_t documents) {
      std::fprintf(
          stderr, "\r%lld of %lld written%s", static_cast<long long>(done),
          static_cast<long long>(documents), done == documents ? "\n" : "");
    };
  return CompareGenerated(loop, *data.dataset, plan);
}

// What is printed.
struct Results {
  int64_t step = 0;  // of the checkpoint
  bool same_corpus = true;
  bool int8 = false;  // weights were read in 8 bits
  Evaluation found;
  std::optional<Comparison> compared;
};

void PrintJson(const EvalOptions& options, const Results& results) {
  const Evaluation& found = results.found;
  nlohmann::ordered_json out = {
      {"run", options.run},
      {"step", results.step},
      {"corpus", results.same_corpus ? "same" : "changed"},
      {"tokens", found.tokens},
      {"validation_loss", found.loss}};
  if (results.int8) out["weights"] = "int8";
  if (found.accuracy) out["accuracy"] = *found.accuracy;
  if (found.bits_per_byte) out["bits_per_byte"] = *found.bits_per_byte;
  out["perplexity"] = found.perplexity;
  if (results.compared) {
    out["documents"] = results.compared->documents;
    out["exact"] = results.compared->exact;
    out["too_long"] = results.compared->too_long;
    if (results.compared->bleu.defined)
      out["bleu"] = results.compared->bleu.score;
  }
  std::printf("%s\n", out.dump(2, ' ', false,
                               nlohmann::ordered_json::error_handler_t::replace)
                          .c_str());
}

void PrintText(const EvalOptions& options, const Results& results) {
  const Evaluation& found = results.found;
  const std::optional<Comparison>& compared = results.compared;
  std::printf("run               %s\n", options.run.c_str());
  std::printf("checkpoint        step %lld\n",
              static_cast<long long>(results.step));
  if (results.int8) std::printf("weights           8 bits\n");
  std::printf("%-18s%lld\n", found.accuracy ? "samples" : "tokens",
              static_cast<long long>(found.tokens));
  std::printf("validation loss   %.4f nats a %s\n", found.loss,
              found.accuracy ? "sample" : "token");
  if (found.accuracy)
    std::printf("accuracy          %.2f %%\n", 100 * *found.accuracy);
  if (found.bits_per_byte)
    std::printf("bits per byte     %.4f\n", *found.bits_per_byte);
  if (!found.accuracy)
    std::printf("perplexity        %.4f\n", found.perplexity);
  if (compared) {
    std::printf(
        "exact             %lld of %lld targets written, %.2f %%\n",
        static_cast<long long>(compared->exact),
        static_cast<long long>(compared->documents),
        100.0 * compared->exact / std::max<int64_t>(1, compared->documents));
    if (compared->bleu.defined)
      std::printf("BLEU              %.2f\n", compared->bleu.score);
  }
}

// Whether the user asked for another text.
bool SetsDataset(const std::vector<std::string>& overrides) {
  return std::any_of(
      overrides.begin(), overrides.end(), [](absl::string_view each) {
        return absl::StartsWith(absl::StripLeadingAsciiWhitespace(each),
                                "data.dataset");
      });
}

absl::Status RunEval(const EvalOptions& options, const CliContext& context) {
  ARCHLAB_RETURN_IF_ERROR(CheckDetailsFile(options.details));
  const std::unique_ptr<Catalogue> catalogue = context.ScanPlugins();
  ARCHLAB_ASSIGN_OR_RETURN(
      const OpenedRun run,
      OpenRun(options.run, options.checkpoint, options.overrides, *catalogue));
  ARCHLAB_ASSIGN_OR_RETURN(
      const PreparedData data,
      PrepareData(run.spec, *catalogue, &run.tokenizer_files));
  context.Warn(run.warning);
  UseSpecWeights(run);
  Results results;
  results.step = run.step;
  results.int8 =
      run.spec.experiment().generation().weights() == spec::Generation::INT8;
  results.same_corpus =
      data.corpus->hash() == run.folder.run().identity().data_sha256();
  if (!results.same_corpus && !SetsDataset(options.overrides))
    context.Warn(
        "the text of the corpus, or how it is encoded, has changed since the "
        "run was trained: this is the loss on another text");
  const EvaluationPlan plan = {
      run.spec.experiment().training().batch_sequences(), 0};
  ARCHLAB_ASSIGN_OR_RETURN(results.found,
                           Evaluate(*run.model, *data.corpus, plan));
  if (!options.details.empty()) {
    ARCHLAB_ASSIGN_OR_RETURN(
        const EvaluationDetails details,
        EvaluateInDetail(*run.model, *data.corpus, plan.rows));
    ARCHLAB_RETURN_IF_ERROR(
        WriteFileAtomically(options.details, PrintDetails(details)));
  }
  if (options.generate) {
    ARCHLAB_ASSIGN_OR_RETURN(results.compared, Compare(run, data, *catalogue));
    if (results.compared->too_long > 0)
      context.Warn(absl::StrCat(
          results.compared->too_long, " of ", results.compared->documents,
          " documents are longer than the ", run.model->MaxPromptTokens(),
          " tokens that the model can read; nothing is written for them, which "
          "counts as wrong"));
  }
  if (options.json)
    PrintJson(options, results);
  else
    PrintText(options, results);
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
  AddSetOption(*command, &options->overrides);
  command->add_flag("--generate", options->generate,
                    "Write the target of each validation document and compare "
                    "(datasets of pairs)");
  command
      ->add_option("--details", options->details,
                   "File to write the loss of each sample and of each position "
                   "to, as JSON")
      ->check(NotEmpty());
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(kExamples);
  command->callback([options, &context] {
    const absl::Status status = RunEval(*options, context);
    if (!status.ok()) context.Fail(status);
  });
}

}  // namespace archlab
