// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/encoder_decoder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/ops.h"
#include "model/kv_state.h"
#include "model/one_stack_model.h"
#include "model/stack_counter.h"

namespace archlab {
namespace {

constexpr char kPath[] = "model.encoder_decoder";

}  // namespace

absl::Status EncoderDecoderModel::Make(const Assembly& assembly,
                                       const spec::EncoderDecoder& own) {
  const std::string path = kPath;
  ARCHLAB_ASSIGN_OR_RETURN(
      const StackSpec encoder,
      assembly.Find(own.has_encoder(), own.encoder(), path + ".encoder"));
  ARCHLAB_ASSIGN_OR_RETURN(
      const StackSpec decoder,
      assembly.Find(own.has_decoder(), own.decoder(), path + ".decoder"));
  encoder_spec_ = *encoder.stack;
  decoder_spec_ = *decoder.stack;
  const ModelBuildContext root = assembly.Root(path, encoder_spec_.width());
  const spec::Embedding& embedding = own.embedding();
  embedding_ = InputEmbedding(embedding, 0, "embedding", root);
  if (!own.shared_embeddings())
    own_embedding_ = std::make_unique<InputEmbedding>(
        embedding, 0, "decoder_embedding", root);
  const std::string embedding_path = path + ".embedding";
  ARCHLAB_ASSIGN_OR_RETURN(
      encoder_, assembly.Stack(encoder, embedding, embedding_path,
                               {.name = "encoder", .causal = false}));
  ARCHLAB_ASSIGN_OR_RETURN(
      decoder_,
      assembly.Stack(decoder, embedding, embedding_path,
                     {.name = "decoder", .causal = true, .cross = true}));
  LanguageHeadParts parts;
  parts.init_std = embedding.init_std();
  parts.soft_cap = own.logit_soft_cap();
  if (own.tied_embeddings()) parts.tied = decoder_embedding().table();
  ARCHLAB_ASSIGN_OR_RETURN(head_, MakeLanguageHead(parts, root));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Model>> EncoderDecoderModel::Build(
    const Spec& spec, const Catalogue& catalogue, const ModelOptions& options) {
  Assembly assembly(spec, catalogue, options);
  std::unique_ptr<EncoderDecoderModel> model(new EncoderDecoderModel);
  model->vocabulary_ = options.vocabulary;
  ARCHLAB_RETURN_IF_ERROR(
      model->Make(assembly, spec.experiment().model().encoder_decoder()));
  model->store_ = assembly.TakeStore();
  return std::unique_ptr<Model>(std::move(model));
}

int64_t EncoderDecoderModel::MaxTokens() const {
  return decoder_->position().MaxTokens();
}

int64_t EncoderDecoderModel::MaxPromptTokens() const {
  return encoder_->position().MaxTokens();
}

Batch EncoderDecoderModel::DecoderBatch(const Batch& batch) {
  Batch target;
  target.ids = batch.decoder_ids;
  target.segments = batch.decoder_segments;
  target.first_sample = batch.first_sample;
  return target;
}

Tensor EncoderDecoderModel::Hidden(const Batch& batch, Pass& source,
                                   Pass& target) {
  const Tensor x = embedding_.Forward(batch.ids, batch.token_types);
  Memory memory;
  memory.hidden = encoder_->Forward(x, source, nullptr);  // [B, T, C]
  memory.segments = batch.segments;
  const Tensor y = decoder_embedding().Forward(batch.decoder_ids, Tensor());
  return decoder_->Forward(y, target, nullptr, &memory);  // [B, T2, C]
}

LossResult EncoderDecoderModel::Loss(const Batch& batch,
                                     const PassOptions& options) {
  const Batch decoder = DecoderBatch(batch);
  Pass source = PassOver(options, batch), target = PassOver(options, decoder);
  const Tensor hidden = Hidden(batch, source, target);
  LossResult result =
      head_->Loss(hidden, batch, target, options.label_smoothing);
  AddPassTerms(source, &result);
  AddPassTerms(target, &result);
  return result;
}

Tensor EncoderDecoderModel::Logits(const Batch& batch,
                                   const PassOptions& options) {
  const Batch decoder = DecoderBatch(batch);
  Pass source = PassOver(options, batch), target = PassOver(options, decoder);
  return head_->Logits(Hidden(batch, source, target),
                       target);  // [B, T2, V]
}

std::unique_ptr<DecodeState> EncoderDecoderModel::NewState(int64_t batch) {
  return std::make_unique<KvState>(batch, decoder_->blocks().size());
}

void EncoderDecoderModel::ReadSource(const Tensor& ids, const Tensor& segments,
                                     DecodeState* state) {
  const NoGrad no_grad;
  Batch batch;
  batch.ids = ids;
  batch.segments = segments;
  const PassOptions options;
  Pass pass = PassOver(options, batch);
  Memory& memory = static_cast<KvState*>(state)->memory;
  memory.hidden = encoder_->Forward(embedding_.Forward(ids, Tensor()), pass,
                                    nullptr);  // [B, Tk, C]
  memory.segments = segments;
}

Tensor EncoderDecoderModel::Decode(const Tensor& ids, const Tensor& segments,
                                   DecodeState* state, const Tensor&,
                                   LogitsOf which) {
  const NoGrad no_grad;
  KvState& kv = *static_cast<KvState*>(state);
  Batch batch;
  batch.ids = ids;
  batch.segments = segments;
  batch.positions = kv.Append(ids, segments);
  const PassOptions options;
  Pass pass = PassOver(options, batch);
  const Tensor x = decoder_embedding().Forward(ids, Tensor());  // [B, T, C]
  const Tensor hidden =
      decoder_->Forward(x, pass, &kv.cache, &kv.memory);  // [B, T, C]
  kv.memory.hidden = Tensor();  // its keys and values are in the caches now
  return head_->Logits(Wanted(hidden, which), pass);  // [B, T or 1, V]
}

ModelCounts EncoderDecoderModel::Count(int64_t tokens, CountPairs pairs) const {
  ModelCounts counts;
  counts.tokens = tokens;
  embedding_.Count(counts, tokens);
  if (own_embedding_) own_embedding_->Count(counts, tokens);
  StackCounter(encoder_spec_, *encoder_, *store_, tokens, pairs, "encoder")
      .AddTo(counts);
  StackCounter(decoder_spec_, *decoder_, *store_, tokens, pairs, "decoder")
      .AddTo(counts);
  head_->Count(counts, tokens);
  AddTotal(counts);
  return counts;
}

absl::StatusOr<std::unique_ptr<Model>> Model::Build(
    const Spec& spec, const Catalogue& catalogue, const ModelOptions& options) {
  switch (spec.experiment().model().assembly_case()) {
    case spec::Model::kDecoderOnly:
      return OneStackModel::BuildDecoderOnly(spec, catalogue, options);
    case spec::Model::kEncoderOnly:
      return OneStackModel::BuildEncoderOnly(spec, catalogue, options);
    case spec::Model::kEncoderDecoder:
      return EncoderDecoderModel::Build(spec, catalogue, options);
    case spec::Model::ASSEMBLY_NOT_SET:
      break;
  }
  return spec.Locate("model", absl::InvalidArgumentError("sets no assembly"));
}

}  // namespace archlab
