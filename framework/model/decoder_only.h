// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// DecoderOnly: token embedding, a causal stack, a next-token head (GPT).

#ifndef ARCHLAB_DECODER_ONLY_H_
#define ARCHLAB_DECODER_ONLY_H_

#include <memory>

#include "archlab/model.pb.h"
#include "model/build_context.h"
#include "model/model.h"
#include "nn/stack.h"

namespace archlab {

class DecoderOnlyModel final : public Model {
 public:
  static absl::StatusOr<std::unique_ptr<Model>> Build(
      const Spec& spec, const Catalogue& catalogue,
      const ModelOptions& options);

  int64_t MaxTokens() const override;
  LossResult Loss(const Batch& batch, const PassOptions& options) override;
  Tensor Logits(const Batch& batch, const PassOptions& options) override;
  std::unique_ptr<DecodeState> NewState(int64_t batch) override;
  Tensor Decode(const Tensor& ids, const Tensor& segments,
                DecodeState* state) override;
  ModelCounts Count(int64_t tokens) const override;

 private:
  DecoderOnlyModel() = default;
  // ids [B, T] -> hidden [B, T, C], in the residual stream's dtype.
  Tensor Hidden(const Tensor& ids, Pass& pass, KvCache* cache);
  const Parameter& head() const { return head_.defined() ? head_ : embedding_; }

  spec::DecoderOnly spec_;
  Parameter embedding_;  // [V, C]
  Parameter head_;       // [V, C]; undefined when tied
  std::unique_ptr<BlockStack> stack_;
};

}  // namespace archlab

#endif  // ARCHLAB_DECODER_ONLY_H_
