// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The k experts with the largest sigmoid scores, balanced by a bias that is
// added for the choice only. Source: arXiv:2408.15664, section 3.
//
// The bias moves once a training step, by the loads of all its micro-batches:
// training passes count them, and the first pass of another step applies them.
// Biases, counts and the step are buffers, so a resumed run goes on the same.

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/router.h"
#include "sigmoid.pb.h"

namespace archlab {

class SigmoidRouter final : public Router {
 public:
  using Config = router::SigmoidConfig;

  static absl::StatusOr<std::unique_ptr<SigmoidRouter>> Create(
      const Config& config, const BuildContext& context) {
    if (config.k() > context.at().experts)
      return FieldError(
          {Config::kKFieldNumber},
          absl::StrCat("must be at most the number of experts, ",
                       context.at().experts, ", but is ", config.k()));
    return std::make_unique<SigmoidRouter>(config, context);
  }

  SigmoidRouter(const Config& config, const BuildContext& context)
      : config_(config),
        experts_(context.at().experts),
        weight_(context.AddParameter("weight", {experts_, context.at().width},
                                     Init::Normal(context.at().init_std),
                                     {.keep_f32 = true})),
        bias_(context.AddBuffer("bias", {experts_})),
        load_(context.AddBuffer("load", {experts_})),
        step_(context.AddBuffer("step", {1})) {}

  Routing Route(const Tensor& x, absl::Span<const uint8_t> real,
                ForwardContext& context) const override {
    const Tensor scores =
        Sigmoid(Linear(x, weight_.value(), Tensor()));  // [N, E]
    // Frozen with its weight: training.freeze names parameters.
    const bool moves = context.training() && weight_.value().requires_grad();
    if (moves) Balance(context.step());
    std::vector<RoutingPair> pairs;
    Tensor weights = scores;                             // [N, E]
    const Tensor chosen = Choose(scores, real, &pairs);  // i32 [N, E]
    if (moves) {
      for (const RoutingPair& pair : pairs)
        load_.data<float>()[pair.expert] += 1;
    }
    // The share of one alone is 1: its own score is what can be trained, unless
    // there is nothing to choose.
    if (config_.renormalise() && (config_.k() > 1 || experts_ == 1)) {
      weights = MaskFill(scores, chosen, 0);
      weights = weights / (Sum(weights, 1) + kTiny);
    }
    return GroupByExpert(pairs, weights * config_.scale());
  }

  double ExpertsPerToken() const override { return config_.k(); }

 private:
  static constexpr double kTiny = 1e-20;  // sigmoids may underflow to 0

  // Moves the biases by the loads of the step before, if this is another.
  void Balance(int64_t step) const {
    if (step_.data<float>()[0] == static_cast<float>(step)) return;
    step_.data<float>()[0] = static_cast<float>(step);
    float* const load = load_.data<float>();
    const double mean =
        std::accumulate(load, load + experts_, 0.0) / double(experts_);
    for (int64_t e = 0; e < experts_; ++e) {
      const double error = mean - load[e];
      bias_.data<float>()[e] += static_cast<float>(
          config_.update_rate() * double((error > 0) - (error < 0)));
      load[e] = 0;
    }
  }

  // 1 where the token chose the expert; padding chooses, but makes no pair.
  Tensor Choose(const Tensor& scores, absl::Span<const uint8_t> real,
                std::vector<RoutingPair>* pairs) const {
    const std::vector<double> values =
        (scores.Detach() + Cast(bias_, scores.dtype())).ToVector();  // [N, E]
    Tensor chosen = Tensor::Zeros(scores.shape(), DType::kI32);
    std::vector<int32_t> order(experts_);
    for (int64_t t = 0; t < scores.dim(0); ++t) {
      const double* row = values.data() + t * experts_;
      std::iota(order.begin(), order.end(), 0);
      std::partial_sort(order.begin(), order.begin() + config_.k(), order.end(),
                        [row](int32_t a, int32_t b) {
                          return row[a] != row[b] ? row[a] > row[b] : a < b;
                        });
      for (int32_t i = 0; i < config_.k(); ++i) {
        chosen.data<int32_t>()[t * experts_ + order[i]] = 1;
        if (real.empty() || real[t])
          pairs->push_back({static_cast<int32_t>(t), order[i]});
      }
    }
    return chosen;
  }

  const Config config_;
  const int64_t experts_;
  const Parameter weight_;  // [E, C]
  // [E], [E], [1]; undefined in a model of shapes only. One thread calls.
  mutable Tensor bias_, load_, step_;
};

ARCHLAB_PLUGIN(SigmoidRouter)

}  // namespace archlab
