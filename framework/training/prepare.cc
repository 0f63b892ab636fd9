// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/prepare.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "data/token_cache.h"
#include "training/adapt.h"
#include "training/memory.h"
#include "training/spec_context.h"
#include "training/token_key.h"

namespace archlab {
namespace {

// Null where the spec has none. `files`: what it reads, or nullptr.
absl::StatusOr<std::unique_ptr<Tokenizer>> MakeTokenizer(
    const Spec& spec, const Catalogue& catalogue,
    std::vector<std::string>* files = nullptr) {
  const spec::Data& data = spec.experiment().data();
  if (!data.has_tokenizer()) return nullptr;
  const SpecContext context(spec, catalogue, "data.tokenizer");
  ARCHLAB_ASSIGN_OR_RETURN(
      std::unique_ptr<Component> made,
      context.MakeHere(Tokenizer::kKind, data.tokenizer().type_url(),
                       data.tokenizer().value()));
  if (files != nullptr) *files = context.resolved_paths();
  return std::unique_ptr<Tokenizer>(static_cast<Tokenizer*>(made.release()));
}

absl::StatusOr<std::unique_ptr<Tokenizer>> TrainTokenizer(
    const Spec& spec, const Catalogue& catalogue, const Dataset& dataset) {
  ARCHLAB_ASSIGN_OR_RETURN(std::unique_ptr<Tokenizer> tokenizer,
                           MakeTokenizer(spec, catalogue));
  if (tokenizer == nullptr) return tokenizer;
  absl::Status read;  // errors of the dataset are not the tokenizer's
  const absl::Status trained = tokenizer->Train(
      [&](Split split, const DocumentVisitor& visit) -> absl::Status {
        for (int64_t i = 0; i < dataset.Size(split); ++i) {
          const absl::StatusOr<Document> document = dataset.Get(split, i);
          if (!document.ok()) return read = document.status();
          visit(document->text);
          if (!document->target.empty()) visit(document->target);
        }
        return absl::OkStatus();
      });
  if (!read.ok()) return spec.Locate("data.dataset", read);
  if (!trained.ok()) return spec.Locate("data.tokenizer", trained);
  return tokenizer;
}

// The head of classes, or nullptr; and its place in the spec.
const spec::ClassificationHead* ClassesOf(const spec::Model& model,
                                          std::string* place) {
  if (model.has_decoder_only()) {
    *place = "model.decoder_only.classification_head";
    return model.decoder_only().has_classification_head()
               ? &model.decoder_only().classification_head()
               : nullptr;
  }
  *place = "model.encoder_only.classification_head";
  return model.encoder_only().has_classification_head()
             ? &model.encoder_only().classification_head()
             : nullptr;
}

// The corpus of parts that are made already.
absl::Status MakeCorpus(const Spec& spec, PreparedData* parts,
                        EncodedParts* encoded) {
  const spec::Data& data = spec.experiment().data();
  CorpusParts source;
  source.dataset = parts->dataset.get();
  source.tokenizer = parts->tokenizer.get();
  source.objective = parts->objective.get();
  source.vocabulary = &parts->vocabulary;
  source.sequence_tokens = data.sequence_tokens();
  source.decoder_only = spec.experiment().model().has_decoder_only();
  source.group_by_length = data.group_by_length();
  source.encoded = encoded;
  auto corpus = Corpus::Make(source);
  if (!corpus.ok()) return spec.Locate("data.dataset", corpus.status());
  std::string place;
  const spec::ClassificationHead* const head =
      ClassesOf(spec.experiment().model(), &place);
  if (head != nullptr)
    if (const absl::Status fits = (*corpus)->CheckLabels(head->classes());
        !fits.ok())
      return spec.Locate(place + ".classes", fits);
  parts->corpus = std::move(*corpus);
  return absl::OkStatus();
}

// The key of the corpus, or "" where it is not kept: without tokens, or where
// something cannot be read, which is reported by what needs it.
std::string KeyInCache(const Spec& spec, const Catalogue& catalogue,
                       const Dataset& dataset, const StoredTokenizer* stored) {
  std::vector<std::string> files;
  const auto tokenizer = MakeTokenizer(spec, catalogue, &files);
  if (!tokenizer.ok() || *tokenizer == nullptr) return "";
  const auto key = TokenKey(spec, catalogue, dataset, files,
                            stored == nullptr ? nullptr : &stored->files);
  return key.ok() ? *key : "";
}

// Tokenizer, vocabulary and corpus; `cached` holds the tokens, or nothing.
absl::Status MakeTokens(const Spec& spec, const Catalogue& catalogue,
                        const StoredTokenizer* stored,
                        std::optional<CachedTokens>& cached,
                        PreparedData* parts) {
  const StoredTokenizer kept = {
      cached ? std::move(cached->tokenizer) : TokenizerFiles(),
      "the token cache"};
  if (stored == nullptr && cached) stored = &kept;
  ARCHLAB_ASSIGN_OR_RETURN(
      parts->tokenizer, stored != nullptr
                            ? LoadTokenizer(spec, catalogue, *stored)
                            : TrainTokenizer(spec, catalogue, *parts->dataset));
  ARCHLAB_ASSIGN_OR_RETURN(
      parts->vocabulary,
      PrepareVocabulary(spec, parts->tokenizer.get(), *parts->objective));
  return MakeCorpus(spec, parts, cached ? &cached->parts : nullptr);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Tokenizer>> LoadTokenizer(
    const Spec& spec, const Catalogue& catalogue,
    const StoredTokenizer& stored) {
  ARCHLAB_ASSIGN_OR_RETURN(std::unique_ptr<Tokenizer> tokenizer,
                           MakeTokenizer(spec, catalogue));
  if (tokenizer == nullptr) return tokenizer;
  const absl::Status loaded = tokenizer->Load(stored.files);
  if (!loaded.ok())
    return absl::Status(loaded.code(),
                        absl::StrCat(stored.folder, ": ", loaded.message()));
  return tokenizer;
}

absl::StatusOr<std::unique_ptr<Objective>> PrepareObjective(
    const Spec& spec, const Catalogue& catalogue) {
  return MakeComponent<Objective>(spec, catalogue,
                                  spec.experiment().training().objective(),
                                  "training.objective");
}

absl::StatusOr<Vocabulary> PrepareVocabulary(const Spec& spec,
                                             const Tokenizer* tokenizer,
                                             const Objective& objective) {
  const auto& named = spec.experiment().data().special_token();
  absl::StatusOr<Vocabulary> made =
      Vocabulary::Make(tokenizer, {named.begin(), named.end()}, objective);
  if (!made.ok()) return spec.Locate("data.special_token", made.status());
  return made;
}

absl::StatusOr<int64_t> PatchElements(const Spec& spec,
                                      const Catalogue& catalogue) {
  const auto& any = spec.experiment().data().dataset();
  absl::string_view kind, name;
  if (!SplitComponent(any.type_url(), &kind, &name)) return 0;
  const ComponentManifest* const manifest = catalogue.Find(kind, name);
  if (manifest == nullptr || !manifest->traits().patches()) return 0;
  ARCHLAB_ASSIGN_OR_RETURN(
      const std::unique_ptr<Dataset> dataset,
      MakeComponent<Dataset>(spec, catalogue, any, "data.dataset"));
  return dataset->PatchElements();
}

ObjectiveInput PromptInput(const Spec& spec, const Vocabulary& vocabulary) {
  ObjectiveInput input;
  input.sequence_tokens = spec.experiment().data().sequence_tokens();
  input.vocabulary = vocabulary.ordinary();
  input.decoder_only = spec.experiment().model().has_decoder_only();
  input.special = vocabulary.of_objective();
  return input;
}

absl::StatusOr<PreparedData> PrepareData(const Spec& spec,
                                         const Catalogue& catalogue,
                                         const StoredTokenizer* tokenizer) {
  PreparedData parts;
  ARCHLAB_ASSIGN_OR_RETURN(parts.objective, PrepareObjective(spec, catalogue));
  ARCHLAB_ASSIGN_OR_RETURN(
      parts.dataset,
      MakeComponent<Dataset>(
          spec, catalogue, spec.experiment().data().dataset(), "data.dataset"));
  const TokenCache cache = TokenCache::Default();
  const std::string key =
      cache.enabled() ? KeyInCache(spec, catalogue, *parts.dataset, tokenizer)
                      : "";
  std::optional<CachedTokens> cached;
  if (!key.empty()) cached = cache.Find(key);
  const bool found = cached.has_value();
  ARCHLAB_RETURN_IF_ERROR(
      MakeTokens(spec, catalogue, tokenizer, cached, &parts));
  if (key.empty() || found) return parts;
  const absl::StatusOr<TokenizerFiles> files = parts.tokenizer->Save();
  if (files.ok())
    cache.Keep(key, *files, parts.corpus->stream(Split::kTrain),
               parts.corpus->stream(Split::kValidation));
  return parts;
}

absl::StatusOr<std::unique_ptr<Model>> PrepareModel(
    const Spec& spec, const Catalogue& catalogue, int64_t vocabulary,
    int64_t patch_elements, const Optimizer* optimizer) {
  const spec::Training& training = spec.experiment().training();
  ModelOptions options;
  options.compute =
      training.precision() == spec::BF16 ? DType::kBF16 : DType::kF32;
  options.vocabulary = vocabulary;
  options.patch_elements = patch_elements;
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
      PrepareModel(spec, catalogue, parts.data.vocabulary.size(),
                   parts.data.dataset->PatchElements(), parts.optimizer.get()));
  return parts;
}

}  // namespace archlab
