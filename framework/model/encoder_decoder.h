// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// EncoderDecoderModel: an encoder reads the source, a decoder that sees it
// writes the target (arXiv:1706.03762, T5). Training is on targets shifted
// right: position 0 sees the start token and the encoder only.

#ifndef ARCHLAB_ENCODER_DECODER_H_
#define ARCHLAB_ENCODER_DECODER_H_

#include <memory>

#include "archlab/model.pb.h"
#include "model/assemble.h"
#include "model/head.h"
#include "model/input_embedding.h"
#include "model/model.h"
#include "nn/stack.h"

namespace archlab {

class EncoderDecoderModel final : public Model {
 public:
  static absl::StatusOr<std::unique_ptr<Model>> Build(
      const Spec& spec, const Catalogue& catalogue,
      const ModelOptions& options);

  int64_t MaxTokens() const override;  // of the decoder
  int64_t MaxPromptTokens() const override;
  LossResult Loss(const Batch& batch, const PassOptions& options) override;
  Tensor Logits(const Batch& batch, const PassOptions& options) override;
  bool Generates() const override { return true; }
  bool HasEncoder() const override { return true; }
  bool Cacheable() const override { return decoder_->Cacheable(); }
  std::unique_ptr<DecodeState> NewState(int64_t batch) override;
  void ReadSource(const Tensor& ids, const Tensor& segments,
                  DecodeState* state) override;
  Tensor Decode(const Tensor& ids, const Tensor& segments, DecodeState* state,
                const Tensor& prefix, LogitsOf which) override;
  // Source and target both have this many tokens.
  ModelCounts Count(int64_t tokens, CountPairs pairs) const override;

 private:
  EncoderDecoderModel() = default;
  absl::Status Make(const Assembly& assembly, const spec::EncoderDecoder& own);
  // What the decoder's pass is told of a batch.
  static Batch DecoderBatch(const Batch& batch);
  // -> hidden [B, T2, C] of the decoder.
  Tensor Hidden(const Batch& batch, Pass& source, Pass& target);
  const InputEmbedding& decoder_embedding() const {
    return own_embedding_ ? *own_embedding_ : embedding_;
  }

  spec::Stack encoder_spec_, decoder_spec_;
  InputEmbedding embedding_;
  std::unique_ptr<InputEmbedding> own_embedding_;  // null: shared
  std::unique_ptr<BlockStack> encoder_, decoder_;
  std::unique_ptr<Head> head_;
};

}  // namespace archlab

#endif  // ARCHLAB_ENCODER_DECODER_H_
