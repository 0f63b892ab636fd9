// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab inspect: the architecture as a table; of a run, its activations.

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/format.h"
#include "cli/inspect_activations.h"
#include "model/model.h"
#include "spec/spec.h"
#include "training/adapt.h"
#include "training/open_run.h"
#include "training/prepare.h"

namespace archlab {
namespace {

struct InspectOptions {
  std::string file;
  std::vector<std::string> overrides;
  int64_t vocabulary = 0;
  int64_t tokens = 0;
  bool every_layer = false;
  bool parameters = false;
  bool json = false;
  bool activations = false;
  std::string checkpoint = "best";
  int64_t batches = 4;
};

// "decoder.3.attention" -> "decoder.*.attention": rows that may be one line.
std::string RoleOf(const std::string& path) {
  std::string role;
  for (size_t i = 0; i < path.size(); ++i) {
    const bool digit = path[i] >= '0' && path[i] <= '9';
    if (!digit)
      role += path[i];
    else if (role.empty() || role.back() != '*')
      role += '*';
  }
  return role;
}

bool SameButLayer(const CountRow& a, const CountRow& b) {
  return RoleOf(a.path) == RoleOf(b.path) && a.component == b.component &&
         a.shape == b.shape && a.parameters == b.parameters &&
         a.flops_executed == b.flops_executed;
}

// A line of the table: a row and how often it stands there.
struct Line {
  CountRow row;
  int times = 1;
};

// Equal rows of several layers become one line, in order of first appearance.
std::vector<Line> Grouped(const ModelCounts& counts, bool every_layer) {
  std::vector<Line> lines;
  for (const CountRow& row : counts.rows) {
    Line* same = nullptr;
    for (Line& line : lines)
      if (!every_layer && SameButLayer(line.row, row)) same = &line;
    if (same)
      ++same->times;
    else
      lines.push_back({row});
  }
  return lines;
}

void PrintTable(const ModelCounts& counts, bool every_layer) {
  Table table({"part", "component", "shape", "parameters", "FLOPs, T x T",
               "FLOPs, executed", "activations", "KV cache"});
  const auto add = [&](const std::string& path, const CountRow& row,
                       int times) {
    table.Add({path, row.component, row.shape,
               WithCommas(1.0 * row.parameters * times),
               WithCommas(row.flops * times),
               WithCommas(row.flops_executed * times),
               Bytes(1.0 * row.activation_bytes * times),
               Bytes(1.0 * row.kv_cache_bytes * times)});
  };
  for (const Line& line : Grouped(counts, every_layer)) {
    const std::string path =
        line.times == 1
            ? line.row.path
            : absl::StrCat(RoleOf(line.row.path), " (", line.times, " times)");
    add(path, line.row, line.times);
  }
  table.AddRule();
  add("total", counts.total, 1);
  std::fputs(table.ToString().c_str(), stdout);
  std::printf("for one sequence of %s tokens, forward\n",
              WithCommas(counts.tokens).c_str());
  if (counts.sampled)
    std::printf(
        "FLOPs executed are about right: attention has so many pairs here that "
        "a sample was counted\n");
}

// "trained", "frozen", or how a matrix is adapted.
std::string FateOf(const ParameterData& parameter) {
  if (parameter.lora_a != nullptr) return "frozen, with LoRA";
  return parameter.trained ? "trained" : "frozen";
}

// The paths that training.freeze, training.lora and initial weights name;
// equal ones of several layers are one line, whose path is a pattern for them.
void PrintParameters(const ParameterStore& store, bool every_layer) {
  struct Same {
    const ParameterData* first;
    int times;
  };
  std::vector<Same> lines;
  for (const auto& each : store.parameters()) {
    Same* same = nullptr;
    for (Same& line : lines)
      if (!every_layer && RoleOf(line.first->path) == RoleOf(each->path) &&
          line.first->shape == each->shape &&
          FateOf(*line.first) == FateOf(*each))
        same = &line;
    if (same)
      ++same->times;
    else
      lines.push_back({each.get(), 1});
  }
  Table table({"parameter", "times", "shape", "elements", "in training"});
  for (const Same& line : lines)
    table.Add({line.times == 1 ? line.first->path : RoleOf(line.first->path),
               absl::StrCat(line.times), line.first->shape.ToString(),
               WithCommas(1.0 * line.first->shape.size() * line.times),
               FateOf(*line.first)});
  std::fputs(table.ToString().c_str(), stdout);
}

nlohmann::json ToJson(const ParameterStore& store) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& each : store.parameters()) {
    std::vector<int64_t> shape(each->shape.rank());
    for (int i = 0; i < each->shape.rank(); ++i) shape[i] = each->shape[i];
    rows.push_back({{"path", each->path},
                    {"shape", shape},
                    {"trained", each->trained},
                    {"lora", each->lora_a != nullptr}});
  }
  return rows;
}

nlohmann::json ToJson(const CountRow& row) {
  return {{"path", row.path},
          {"component", row.component},
          {"shape", row.shape},
          {"parameters", row.parameters},
          {"flops", row.flops},
          {"flops_executed", row.flops_executed},
          {"activation_bytes", row.activation_bytes},
          {"kv_cache_bytes", row.kv_cache_bytes}};
}

void PrintCorpus(const Corpus& corpus) {
  const TokenStream& train = corpus.stream(Split::kTrain);
  const TokenStream& validation = corpus.stream(Split::kValidation);
  if (corpus.documents())
    std::printf("corpus: %s documents to train, %s to validate\n",
                WithCommas(train.documents).c_str(),
                WithCommas(validation.documents).c_str());
  if (train.ids.empty()) return;  // images
  std::printf(
      "corpus: %s characters, %s tokens to train; %s characters, %s "
      "tokens to validate\n",
      WithCommas(train.characters).c_str(),
      WithCommas(train.ids.size()).c_str(),
      WithCommas(validation.characters).c_str(),
      WithCommas(validation.ids.size()).c_str());
}

// What is inspected: a spec, or that of a run with the tokenizer it learned.
struct Inspected {
  Spec spec;
  std::optional<StoredTokenizer> tokenizer;
};

absl::StatusOr<Inspected> LoadInspected(const InspectOptions& options,
                                        const Catalogue& catalogue) {
  if (!RunFolder::IsRun(options.file)) {
    ARCHLAB_ASSIGN_OR_RETURN(
        Spec spec, Spec::Load(options.file, options.overrides, catalogue));
    return Inspected{std::move(spec), std::nullopt};
  }
  ARCHLAB_ASSIGN_OR_RETURN(const RunFolder folder,
                           RunFolder::OpenToRead(options.file));
  ARCHLAB_ASSIGN_OR_RETURN(Spec spec,
                           LoadRunSpec(folder, options.overrides, catalogue));
  ARCHLAB_ASSIGN_OR_RETURN(StoredTokenizer tokenizer, folder.ReadTokenizer());
  return Inspected{std::move(spec), std::move(tokenizer)};
}

absl::Status Inspect(const InspectOptions& options, const CliContext& context) {
  const auto catalogue = context.ScanPlugins();
  ARCHLAB_ASSIGN_OR_RETURN(const Inspected inspected,
                           LoadInspected(options, *catalogue));
  const Spec& spec = inspected.spec;
  ModelOptions model_options;
  model_options.shapes_only = true;
  model_options.vocabulary = options.vocabulary;
  ARCHLAB_ASSIGN_OR_RETURN(model_options.patch_elements,
                           PatchElements(spec, *catalogue));
  if (options.vocabulary == 0) {
    ARCHLAB_ASSIGN_OR_RETURN(
        const PreparedData data,
        PrepareData(spec, *catalogue,
                    inspected.tokenizer ? &*inspected.tokenizer : nullptr));
    model_options.vocabulary = data.vocabulary.size();
    if (!options.json) {
      PrintCorpus(*data.corpus);
      std::printf("vocabulary: %s\n\n",
                  WithCommas(model_options.vocabulary).c_str());
    }
  }
  ARCHLAB_ASSIGN_OR_RETURN(const auto model,
                           Model::Build(spec, *catalogue, model_options));
  if (options.parameters) {
    ARCHLAB_RETURN_IF_ERROR(AdaptModel(spec, model.get()));
    if (options.json)
      std::printf("%s\n", ToJson(model->parameters()).dump(2).c_str());
    else
      PrintParameters(model->parameters(), options.every_layer);
    return absl::OkStatus();
  }
  const int64_t tokens = options.tokens
                             ? options.tokens
                             : spec.experiment().data().sequence_tokens();
  const ModelCounts counts = model->Count(tokens);
  if (options.json) {
    nlohmann::json json = {{"tokens", tokens},
                           {"flops_executed_sampled", counts.sampled},
                           {"vocabulary", model_options.vocabulary},
                           {"total", ToJson(counts.total)}};
    for (const CountRow& row : counts.rows) json["rows"].push_back(ToJson(row));
    std::printf("%s\n", json.dump(2).c_str());
  } else {
    PrintTable(counts, options.every_layer);
  }
  return absl::OkStatus();
}

}  // namespace

void AddInspectCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand(
      "inspect", "Show an architecture: parts, parameters, FLOPs, bytes");
  auto options = std::make_shared<InspectOptions>();
  command
      ->add_option("SPEC", options->file,
                   "Experiment spec, or the folder of a run")
      ->required();
  AddSetOption(*command, &options->overrides);
  command
      ->add_option("--vocabulary", options->vocabulary,
                   "Vocabulary size; without it, the corpus is read")
      ->transform(WholeNumber(1, int64_t{1} << 31));
  command
      ->add_option("--tokens", options->tokens,
                   "Sequence length (default: the spec's)")
      ->transform(WholeNumber(1, int64_t{1} << 20));
  command->add_flag("--every-layer", options->every_layer,
                    "A line for each layer, equal ones too");
  command->add_flag("--parameters", options->parameters,
                    "List the parameters by path, and which are trained");
  CLI::Option* const activations = command->add_flag(
      "--activations", options->activations,
      "Of a run: what its activations are like on the validation part");
  command
      ->add_option("--checkpoint", options->checkpoint,
                   "With --activations: best (by validation loss; the "
                   "default), last, or a step")
      ->needs(activations);
  command
      ->add_option("--batches", options->batches,
                   "With --activations: batches to look at (default: 4)")
      ->needs(activations)
      ->transform(WholeNumber(1));
  for (const char* other :
       {"--vocabulary", "--tokens", "--every-layer", "--parameters"})
    activations->excludes(command->get_option(other));
  command->add_flag("--json", options->json, "Machine-readable output");
  command->footer(
      "Examples:\n"
      "  archlab inspect experiments/gpt_char/experiment.textproto\n"
      "  archlab inspect SPEC --vocabulary 50257 --tokens 1024 --json\n"
      "  archlab inspect SPEC --parameters --set 'training.freeze = "
      "\"*.norm*\"'\n"
      "  archlab inspect runs/gpt --activations");
  command->callback([options, &context] {
    const absl::Status status =
        options->activations
            ? InspectActivations(
                  {options->file, options->checkpoint, options->overrides,
                   options->batches, options->json},
                  context)
            : Inspect(*options, context);
    if (!status.ok()) context.Fail(status);
  });
}

}  // namespace archlab
