// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/prepare.h"

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "training/adapt.h"
#include "training/memory.h"
#include "training/spec_context.h"

namespace archlab {
namespace {

absl::StatusOr<std::unique_ptr<Tokenizer>> MakeTokenizer(
    const Spec& spec, const Catalogue& catalogue) {
  return MakeComponent<Tokenizer>(
      spec, catalogue, spec.experiment().data().tokenizer(), "data.tokenizer");
}

absl::StatusOr<std::unique_ptr<Tokenizer>> TrainTokenizer(
    const Spec& spec, const Catalogue& catalogue, const Dataset& dataset) {
  ARCHLAB_ASSIGN_OR_RETURN(std::unique_ptr<Tokenizer> tokenizer,
                           MakeTokenizer(spec, catalogue));
  const absl::Status trained = tokenizer->Train(
      [&](Split split, const DocumentVisitor& visit) -> absl::Status {
        for (int64_t i = 0; i < dataset.Size(split); ++i) {
          ARCHLAB_ASSIGN_OR_RETURN(const Document document,
                                   dataset.Get(split, i));
          visit(document.text);
        }
        return absl::OkStatus();
      });
  if (!trained.ok()) return spec.Locate("data.tokenizer", trained);
  return tokenizer;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Tokenizer>> LoadTokenizer(
    const Spec& spec, const Catalogue& catalogue,
    const StoredTokenizer& stored) {
  ARCHLAB_ASSIGN_OR_RETURN(std::unique_ptr<Tokenizer> tokenizer,
                           MakeTokenizer(spec, catalogue));
  const absl::Status loaded = tokenizer->Load(stored.files);
  if (!loaded.ok())
    return absl::Status(loaded.code(),
                        absl::StrCat(stored.folder, ": ", loaded.message()));
  return tokenizer;
}

absl::StatusOr<PreparedData> PrepareData(const Spec& spec,
                                         const Catalogue& catalogue,
                                         const StoredTokenizer* tokenizer) {
  const spec::Data& data = spec.experiment().data();
  PreparedData parts;
  ARCHLAB_ASSIGN_OR_RETURN(
      parts.objective,
      MakeComponent<Objective>(spec, catalogue,
                               spec.experiment().training().objective(),
                               "training.objective"));
  ARCHLAB_ASSIGN_OR_RETURN(
      parts.dataset,
      MakeComponent<Dataset>(spec, catalogue, data.dataset(), "data.dataset"));
  ARCHLAB_ASSIGN_OR_RETURN(
      parts.tokenizer, tokenizer != nullptr
                           ? LoadTokenizer(spec, catalogue, *tokenizer)
                           : TrainTokenizer(spec, catalogue, *parts.dataset));
  auto corpus = Corpus::Make(*parts.dataset, *parts.tokenizer, *parts.objective,
                             data.sequence_tokens());
  if (!corpus.ok()) return spec.Locate("data.dataset", corpus.status());
  parts.corpus = std::move(*corpus);
  return parts;
}

absl::StatusOr<std::unique_ptr<Model>> PrepareModel(
    const Spec& spec, const Catalogue& catalogue, int64_t vocabulary,
    const Optimizer* optimizer) {
  const spec::Training& training = spec.experiment().training();
  ModelOptions options;
  options.compute =
      training.precision() == spec::BF16 ? DType::kBF16 : DType::kF32;
  options.vocabulary = vocabulary;
  options.shapes_only = true;
  ARCHLAB_ASSIGN_OR_RETURN(const std::unique_ptr<Model> shapes,
                           Model::Build(spec, catalogue, options));
  const int slots = optimizer == nullptr ? -1 : optimizer->StateSlots();
  MemoryNeed need =
      PredictMemory(shapes->parameters().Count(), options.compute, slots);
  if (optimizer != nullptr) {
    const ModelCounts counts = shapes->Count(
        spec.experiment().data().sequence_tokens(), CountPairs::kNo);
    need.activations = static_cast<double>(counts.total.activation_bytes) *
                       training.batch_sequences();
  }
  ARCHLAB_RETURN_IF_ERROR(CheckMemory(need, AvailableMemory()));
  options.shapes_only = false;
  ARCHLAB_ASSIGN_OR_RETURN(std::unique_ptr<Model> model,
                           Model::Build(spec, catalogue, options));
  ARCHLAB_RETURN_IF_ERROR(AdaptModel(spec, model.get()));
  return model;
}

absl::StatusOr<PreparedTraining> PrepareTraining(
    const Spec& spec, const Catalogue& catalogue,
    const StoredTokenizer* tokenizer) {
  const spec::Training& training = spec.experiment().training();
  PreparedTraining parts;
  ARCHLAB_ASSIGN_OR_RETURN(
      parts.optimizer,
      MakeComponent<Optimizer>(spec, catalogue, training.optimizer(),
                               "training.optimizer"));
  ARCHLAB_ASSIGN_OR_RETURN(
      parts.schedule,
      MakeComponent<Schedule>(spec, catalogue, training.schedule(),
                              "training.schedule"));
  ARCHLAB_ASSIGN_OR_RETURN(parts.data, PrepareData(spec, catalogue, tokenizer));
  ARCHLAB_ASSIGN_OR_RETURN(
      parts.model,
      PrepareModel(spec, catalogue, parts.data.tokenizer->VocabularySize(),
                   parts.optimizer.get()));
  return parts;
}

}  // namespace archlab
