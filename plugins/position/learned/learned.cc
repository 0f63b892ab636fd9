// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Learned positions: a trained vector a position, added to the embeddings.
// Source: arXiv:1705.03122, section 3.1; GPT-2 and BERT do the same.

#include "absl/strings/str_cat.h"
#include "archlab/position.h"
#include "learned.pb.h"

namespace archlab {

class Learned final : public Position {
 public:
  using Config = position::LearnedConfig;

  static absl::StatusOr<std::unique_ptr<Learned>> Create(
      const Config& config, const BuildContext& context) {
    const int64_t needed = context.at().max_tokens;
    const int64_t tokens =
        config.max_tokens() == 0 ? needed : config.max_tokens();
    if (tokens < needed || tokens < 1)
      return FieldError(
          {Config::kMaxTokensFieldNumber},
          absl::StrCat("must be at least the training sequence, ", needed,
                       " tokens, but is ", tokens, "; 0 takes its length"));
    return std::make_unique<Learned>(tokens, config.init_std(), context);
  }

  Learned(int64_t tokens, double init_std, const BuildContext& context)
      : tokens_(tokens),
        table_(context.AddParameter("weight", {tokens, context.at().width},
                                    Init::Normal(init_std),
                                    {.decay = true, .matrix = false})) {}

  Tensor Embed(const Tensor& x, const Tensor& positions) const override {
    const Tensor order = archlab::Embed(table_.value(), positions);  // [B,T,C]
    return Cast(x + order, x.dtype());                               // [B,T,C]
  }

  int64_t MaxTokens() const override { return tokens_; }

 private:
  const int64_t tokens_;
  const Parameter table_;  // [P, C]
};

ARCHLAB_PLUGIN(Learned)

}  // namespace archlab
