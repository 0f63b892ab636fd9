// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// OneStackModel: embedding, one stack, a head. Causal it is a decoder-only
// model (GPT), else an encoder-only one (BERT, ViT).

#ifndef ARCHLAB_ONE_STACK_MODEL_H_
#define ARCHLAB_ONE_STACK_MODEL_H_

#include <memory>
#include <string>

#include "archlab/model.pb.h"
#include "model/assemble.h"
#include "model/head.h"
#include "model/input_embedding.h"
#include "model/model.h"
#include "nn/stack.h"

namespace archlab {

class OneStackModel final : public Model {
 public:
  static absl::StatusOr<std::unique_ptr<Model>> BuildDecoderOnly(
      const Spec& spec, const Catalogue& catalogue,
      const ModelOptions& options);
  static absl::StatusOr<std::unique_ptr<Model>> BuildEncoderOnly(
      const Spec& spec, const Catalogue& catalogue,
      const ModelOptions& options);

  int64_t MaxTokens() const override;
  LossResult Loss(const Batch& batch, const PassOptions& options) override;
  Tensor Logits(const Batch& batch, const PassOptions& options) override;
  bool Generates() const override { return causal_ && !classifies_; }
  bool Cacheable() const override { return stack_->Cacheable(); }
  std::unique_ptr<DecodeState> NewState(int64_t batch) override;
  Tensor Decode(const Tensor& ids, const Tensor& segments, DecodeState* state,
                const Tensor& prefix, LogitsOf which) override;
  ModelCounts Count(int64_t tokens, CountPairs pairs) const override;

 private:
  OneStackModel() = default;
  // `own`: the spec's DecoderOnly or EncoderOnly at `path`; `parts`: what only
  // one of the two has in its language head.
  template <class Own>
  static absl::StatusOr<std::unique_ptr<Model>> Build(
      const Own& own, const std::string& path, bool causal,
      LanguageHeadParts parts, Assembly assembly, const ModelOptions& options);
  // -> hidden [B, T, C], in the residual stream's dtype.
  Tensor Hidden(const Batch& batch, Pass& pass, KvCache* cache);

  bool causal_ = true, classifies_ = false;
  spec::Stack stack_spec_;
  InputEmbedding embedding_;
  std::unique_ptr<BlockStack> stack_;
  std::unique_ptr<Head> head_;
};

// The pass over a batch's ids, or patches.
Pass PassOver(const PassOptions& options, const Batch& batch);
// Adds the pass's own terms to the loss, weighted as the targets are.
void AddPassTerms(const Pass& pass, LossResult* result);

// Of hidden [B, T, C] the tokens whose logits are asked for.
Tensor Wanted(const Tensor& hidden, LogitsOf which);

}  // namespace archlab

#endif  // ARCHLAB_ONE_STACK_MODEL_H_
