// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Differential attention: the weights of one softmax less lambda times those of
// another, on both values of a pair of heads, normed over the pair's channels.
// Source: arXiv:2410.05258, section 2.1 and algorithm 1.

#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"
#include "archlab/attention.h"
#include "differential.pb.h"

namespace archlab {

class Differential final : public Attention {
 public:
  using Config = attention::DifferentialConfig;

  static absl::StatusOr<std::unique_ptr<Differential>> Create(
      const Config& config, const BuildContext& context) {
    if (context.at().heads % 2 != 0)
      return absl::InvalidArgumentError(absl::StrCat(
          "needs an even number of heads, but there are ", context.at().heads));
    if (context.at().kv_heads % 2 != 0)
      return absl::InvalidArgumentError(absl::StrCat(
          "needs an even number of kv_heads, so that the two of a pair have "
          "keys of their own, but there are ",
          context.at().kv_heads));
    return std::make_unique<Differential>(config, context);
  }

  Differential(const Config& config, const BuildContext& context)
      : lambda_init_(config.has_lambda_init()
                         ? config.lambda_init()
                         : 0.8 - 0.6 * std::exp(-0.3 * context.at().layer)),
        epsilon_(config.epsilon()) {
    const ParameterTraits traits = {
        .decay = false, .matrix = false, .keep_f32 = true};
    const int64_t dim = context.at().head_dim;
    const char* const names[] = {"lambda_q1", "lambda_k1", "lambda_q2",
                                 "lambda_k2"};
    for (int i = 0; i < 4; ++i)
      lambda_[i] =
          context.AddParameter(names[i], {dim}, Init::Normal(0.1), traits);
    gain_ = context.AddParameter("norm.gain", {2 * dim}, Init::Ones(), traits);
  }

  Tensor Attend(const AttentionInput& input) const override {
    const Tensor scores = Scores(input);                 // [B, H, Tq, Tk]
    const Tensor weights = input.MaskedSoftmax(scores);  // [B, H, Tq, Tk]
    const int64_t pairs = weights.dim(1) / 2;
    const int64_t dim = input.v().dim(3);
    const Tensor difference =
        Slice(weights, 1, 0, pairs) -
        Slice(weights, 1, pairs, pairs) * Lambda();  // [B, H/2, Tq, Tk]
    // The norm below hides them from the host.
    input.context().Tap("weights", difference);
    const Tensor values = Concat(
        {Slice(input.v(), 1, 0, pairs), Slice(input.v(), 1, pairs, pairs)},
        3);  // [B, H/2, Tk, 2 D]
    Tensor y = MatMul(Cast(difference, values.dtype()), values);
    y = RmsNorm(y, gain_.value(), epsilon_) * (1 - lambda_init_);
    return Concat({Slice(y, 3, 0, dim), Slice(y, 3, dim, dim)},
                  1);  // [B, H, Tq, D]
  }

 private:
  // In f32 where queries are bf16: a softmax feels the rounding of its scores.
  static Tensor Scores(const AttentionInput& input) {
    const DType wide =
        input.q().dtype() == DType::kBF16 ? DType::kF32 : input.q().dtype();
    return MatMul(Cast(input.q(), wide), Cast(input.k(), wide), false, true);
  }

  // exp(q1 . k1) - exp(q2 . k2) + lambda_init, a scalar.
  Tensor Lambda() const {
    const auto term = [this](int i) {
      return Exp(SumAll(lambda_[i].value() * lambda_[i + 1].value()));
    };
    return term(0) - term(2) + lambda_init_;
  }

  const double lambda_init_, epsilon_;
  Parameter lambda_[4];  // [D] each: q1, k1, q2, k2
  Parameter gain_;       // [2 D]
};

ARCHLAB_PLUGIN(Differential)

}  // namespace archlab
