// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Mixture of heads: a router chooses heads for each token and weighs their
// outputs. Source: arXiv:2410.11842, section 3.

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/attention.h"
#include "archlab/router.h"
#include "moe_heads.pb.h"

namespace archlab {

class MoeHeads final : public Attention {
 public:
  using Config = attention::MoeHeadsConfig;

  static absl::StatusOr<std::unique_ptr<MoeHeads>> Create(
      const Config& config, const BuildContext& context) {
    if (config.shared_heads() >= context.at().heads)
      return FieldError(
          {Config::kSharedHeadsFieldNumber},
          absl::StrCat("must be less than the number of heads, ",
                       context.at().heads, ", but is ", config.shared_heads()));
    auto core = std::make_unique<MoeHeads>();
    core->path_ = context.path();
    core->shared_ = config.shared_heads();
    core->routed_ = context.at().heads - core->shared_;
    Surroundings at = context.at();
    at.experts = core->routed_;
    ARCHLAB_ASSIGN_OR_RETURN(core->core_,
                             context.Child<Attention>("core", config.core()));
    ARCHLAB_ASSIGN_OR_RETURN(
        core->router_, context.Child<Router>("router", config.router(), at));
    return core;
  }

  bool Sees(int64_t query, int64_t key) const override {
    return core_->Sees(query, key);
  }
  int64_t MaxDistance() const override { return core_->MaxDistance(); }

  Tensor Attend(const AttentionInput& input) const override {
    Tensor y = core_->Attend(input);  // [B, H, Tq, D]
    if (!y.defined()) y = input.Tiled();
    return y * Gates(input);
  }

 private:
  // The weight of each head for each token: [B, H, Tq, 1].
  Tensor Gates(const AttentionInput& input) const {
    const Tensor& x = input.x();  // [B, Tq, C]
    const int64_t batch = x.dim(0), tokens = x.dim(1);
    const Tensor& segments = input.context().segments();
    std::vector<uint8_t> real;
    if (segments.defined()) {
      for (int64_t i = 0; i < segments.size(); ++i)
        real.push_back(segments.data<int32_t>()[i] >= 0);
    }
    const Routing routing =
        router_->Route(Reshape(x, {-1, x.dim(2)}), real, input.context());
    LogLoads(routing, path_, input.context());
    const auto pairs = static_cast<int32_t>(routing.tokens.size());
    const DType dtype = pairs > 0 ? routing.weights.dtype() : DType::kF32;
    // Of the weights and a zero behind them, the one that each place has.
    std::vector<int32_t> places(batch * tokens * routed_, pairs);
    for (int64_t h = 0; h < routed_; ++h)
      for (int64_t i = routing.begins[h]; i < routing.begins[h + 1]; ++i)
        places[routing.tokens[i] * routed_ + h] = static_cast<int32_t>(i);
    Tensor values = Tensor::Zeros({1, 1}, dtype);
    if (pairs > 0)
      values = Concat({Reshape(routing.weights, {pairs, 1}), values}, 0);
    const Tensor weights =
        GatherRows(values, Tensor::FromI32({batch * tokens * routed_}, places));
    Tensor gates =
        Reshape(Permute(Reshape(weights, {batch, tokens, routed_}), {0, 2, 1}),
                {batch, routed_, tokens, 1});
    if (shared_ > 0)
      gates = Concat(
          {Tensor::Full({batch, shared_, tokens, 1}, dtype, 1), gates}, 1);
    return gates;
  }

  std::string path_;
  int64_t shared_ = 0, routed_ = 0;  // heads
  std::unique_ptr<Attention> core_;
  std::unique_ptr<Router> router_;
};

ARCHLAB_PLUGIN(MoeHeads)

}  // namespace archlab
