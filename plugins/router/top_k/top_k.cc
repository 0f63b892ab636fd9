// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The k experts with the largest softmax scores see a token.
// Source: arXiv:1701.06538, section 2.1.

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/router.h"
#include "top_k.pb.h"

namespace archlab {

class TopK final : public Router {
 public:
  using Config = router::TopKConfig;

  static absl::StatusOr<std::unique_ptr<TopK>> Create(
      const Config& config, const BuildContext& context) {
    if (config.k() > context.at().experts)
      return FieldError(
          {Config::kKFieldNumber},
          absl::StrCat("must be at most the number of experts, ",
                       context.at().experts, ", but is ", config.k()));
    return std::make_unique<TopK>(config, context);
  }

  TopK(const Config& config, const BuildContext& context)
      : config_(config),
        experts_(context.at().experts),
        path_(context.path()),
        weight_(context.AddParameter("weight", {experts_, context.at().width},
                                     Init::Normal(context.at().init_std),
                                     {.keep_f32 = true})) {}

  Routing Route(const Tensor& x, absl::Span<const uint8_t> real,
                ForwardContext& context) const override {
    const Tensor logits = Linear(x, weight_.value(), Tensor());  // [N, E]
    const Tensor scores = Softmax(logits);                       // [N, E]
    std::vector<RoutingPair> pairs;
    const Tensor chosen = Choose(scores, real, &pairs);  // i32 [N, E]
    Tensor weights = scores;                             // [N, E]
    // The share of one alone is 1: its own score is what can be trained.
    if (config_.renormalise() && config_.k() > 1) {
      weights = MaskFill(scores, chosen, 0);
      weights = weights / Sum(weights, 1);
    }
    AddRouterLosses(logits, scores, pairs, real,
                    {.balance = config_.balance_loss(), .z = config_.z_loss()},
                    path_, context);
    return GroupByExpert(pairs, weights);
  }

  double ExpertsPerToken() const override { return config_.k(); }

 private:
  // 1 where the token chose the expert; padding chooses, but makes no pair.
  Tensor Choose(const Tensor& scores, absl::Span<const uint8_t> real,
                std::vector<RoutingPair>* pairs) const {
    const std::vector<double> values = scores.ToVector();
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
  const std::string path_;
  const Parameter weight_;  // [E, C]
};

ARCHLAB_PLUGIN(TopK)

}  // namespace archlab
