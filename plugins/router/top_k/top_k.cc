// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The k experts with the largest softmax scores see a token.
// Source: arXiv:1701.06538, section 2.1. Load-balance loss: arXiv:2101.03961,
// equation 4; z loss: arXiv:2202.08906, equation 5.

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
    if (config_.renormalise()) {
      weights = MaskFill(scores, chosen, 0);
      weights = weights / Sum(weights, 1);
    }
    AddLosses(logits, scores, pairs, real, context);
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

  // Sums over the real tokens.
  void AddLosses(const Tensor& logits, const Tensor& scores,
                 const std::vector<RoutingPair>& pairs,
                 absl::Span<const uint8_t> real,
                 ForwardContext& context) const {
    if (!context.training() || pairs.empty()) return;
    const int64_t tokens = scores.dim(0);
    Tensor mask = Tensor::Full({tokens, 1}, DType::kI32, 1);
    for (size_t t = 0; t < real.size(); ++t)
      mask.data<int32_t>()[t] = real[t] != 0;
    if (config_.balance_loss() > 0) {
      std::vector<double> load(experts_);  // E times the fraction of pairs
      for (const RoutingPair& pair : pairs)
        load[pair.expert] += double(experts_) / double(pairs.size());
      const Tensor balance =
          MaskFill(scores, mask, 0) *
          Tensor::From({experts_}, load, scores.dtype());  // [N, E]
      context.AddLoss(absl::StrCat(path_, ".balance_loss"),
                      SumAll(balance) * config_.balance_loss());
    }
    if (config_.z_loss() > 0) {
      const Tensor z = Slice(logits - LogSoftmax(logits), 1, 0, 1);  // [N, 1]
      context.AddLoss(absl::StrCat(path_, ".z_loss"),
                      SumAll(Square(MaskFill(z, mask, 0))) * config_.z_loss());
    }
  }

  const Config config_;
  const int64_t experts_;
  const std::string path_;
  const Parameter weight_;  // [E, C]
};

ARCHLAB_PLUGIN(TopK)

}  // namespace archlab
