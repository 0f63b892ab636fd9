// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/one_stack_model.h"

#include <utility>

#include "archlab/ops.h"
#include "model/kv_state.h"
#include "model/stack_counter.h"

namespace archlab {

Pass PassOver(const PassOptions& options, const Batch& batch) {
  const Tensor& input = batch.patches.defined() ? batch.patches : batch.ids;
  return Pass(options, {.batch = input.dim(0),
                        .tokens = input.dim(1),
                        .positions = batch.positions,
                        .segments = batch.segments,
                        .prefix = batch.prefix,
                        .first_row = batch.first_sample});
}

void AddPassTerms(const Pass& pass, LossResult* result) {
  const Tensor added = pass.AddedLoss();
  if (added.defined())
    result->total = result->total + added * static_cast<double>(result->tokens);
  result->logs.insert(result->logs.end(), pass.logs().begin(),
                      pass.logs().end());
}

Tensor Wanted(const Tensor& hidden, LogitsOf which) {
  const int64_t tokens = hidden.dim(1);
  if (which == LogitsOf::kAllTokens || tokens == 1) return hidden;
  return Slice(hidden, 1, tokens - 1, 1);  // [B, 1, C]
}

template <class Own>
absl::StatusOr<std::unique_ptr<Model>> OneStackModel::Build(
    const Own& own, const std::string& path, bool causal,
    LanguageHeadParts parts, Assembly assembly, const ModelOptions& options) {
  std::unique_ptr<OneStackModel> model(new OneStackModel);
  model->vocabulary_ = options.vocabulary;
  model->causal_ = causal;
  model->classifies_ = own.has_classification_head();
  ARCHLAB_ASSIGN_OR_RETURN(
      const StackSpec found,
      assembly.Find(own.has_stack(), own.stack(), path + ".stack"));
  model->stack_spec_ = *found.stack;
  const ModelBuildContext root = assembly.Root(path, found.stack->width());
  model->embedding_ = InputEmbedding(own.embedding(), options.patch_elements,
                                     "embedding", root);
  const StackRole role = {.name = causal ? "decoder" : "encoder",
                          .causal = causal};
  ARCHLAB_ASSIGN_OR_RETURN(
      model->stack_,
      assembly.Stack(found, own.embedding(), path + ".embedding", role));
  parts.init_std = own.embedding().init_std();
  if (model->classifies_) {
    model->head_ =
        MakeClassificationHead(own.classification_head(), parts.init_std, root);
  } else {
    if (own.tied_embeddings()) parts.tied = model->embedding_.table();
    ARCHLAB_ASSIGN_OR_RETURN(model->head_, MakeLanguageHead(parts, root));
  }
  model->store_ = assembly.TakeStore();
  return std::unique_ptr<Model>(std::move(model));
}

absl::StatusOr<std::unique_ptr<Model>> OneStackModel::BuildDecoderOnly(
    const Spec& spec, const Catalogue& catalogue, const ModelOptions& options) {
  const spec::DecoderOnly& own = spec.experiment().model().decoder_only();
  LanguageHeadParts parts;
  parts.soft_cap = own.logit_soft_cap();
  return Build(own, "model.decoder_only", true, parts,
               Assembly(spec, catalogue, options), options);
}

absl::StatusOr<std::unique_ptr<Model>> OneStackModel::BuildEncoderOnly(
    const Spec& spec, const Catalogue& catalogue, const ModelOptions& options) {
  const spec::EncoderOnly& own = spec.experiment().model().encoder_only();
  LanguageHeadParts parts;
  if (own.has_transform()) parts.transform = &own.transform();
  parts.transform_path = "model.encoder_only.transform";
  return Build(own, "model.encoder_only", false, parts,
               Assembly(spec, catalogue, options), options);
}

int64_t OneStackModel::MaxTokens() const {
  return stack_->position().MaxTokens();
}

Tensor OneStackModel::Hidden(const Batch& batch, Pass& pass, KvCache* cache) {
  const Tensor x = batch.patches.defined()
                       ? embedding_.ForwardPatches(batch.patches)
                       : embedding_.Forward(batch.ids, batch.token_types);
  return stack_->Forward(x, pass, cache);  // [B, T, C]
}

LossResult OneStackModel::Loss(const Batch& batch, const PassOptions& options) {
  Pass pass = PassOver(options, batch);
  const Tensor hidden = Hidden(batch, pass, nullptr);  // [B, T, C]
  LossResult result = head_->Loss(hidden, batch, pass, options.label_smoothing);
  AddPassTerms(pass, &result);
  return result;
}

Tensor OneStackModel::Logits(const Batch& batch, const PassOptions& options) {
  Pass pass = PassOver(options, batch);
  return head_->Logits(Hidden(batch, pass, nullptr), pass);
}

std::unique_ptr<DecodeState> OneStackModel::NewState(int64_t batch) {
  return std::make_unique<KvState>(batch, stack_->blocks().size());
}

Tensor OneStackModel::Decode(const Tensor& ids, const Tensor& segments,
                             DecodeState* state, const Tensor& prefix,
                             LogitsOf which) {
  const NoGrad no_grad;
  KvState& kv = *static_cast<KvState*>(state);
  Batch batch;
  batch.ids = ids;
  batch.segments = segments;
  batch.prefix = prefix;
  batch.positions = kv.Append(ids, segments);
  const PassOptions options;
  Pass pass = PassOver(options, batch);
  const Tensor hidden = Hidden(batch, pass, &kv.cache);  // [B, T, C]
  return head_->Logits(Wanted(hidden, which), pass);     // [B, T or 1, V]
}

ModelCounts OneStackModel::Count(int64_t tokens, CountPairs pairs) const {
  ModelCounts counts;
  counts.tokens = tokens;
  embedding_.Count(counts, tokens);
  StackCounter(stack_spec_, *stack_, *store_, tokens, pairs,
               causal_ ? "decoder" : "encoder")
      .AddTo(counts);
  head_->Count(counts, tokens);
  AddTotal(counts);
  return counts;
}

}  // namespace archlab
