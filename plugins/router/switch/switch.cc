// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The expert with the largest softmax score sees a token, if it has room.
// Source: arXiv:2101.03961, section 2. z loss: arXiv:2202.08906, equation 5.

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/router.h"
#include "switch.pb.h"

namespace archlab {

class Switch final : public Router {
 public:
  using Config = router::SwitchConfig;
  Switch(const Config& config, const BuildContext& context)
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
    const std::vector<RoutingPair> wanted = Wanted(scores, real);
    if (context.training()) AddLosses(logits, scores, wanted, context);
    const std::vector<RoutingPair> kept =
        context.training() ? WithinCapacity(wanted) : wanted;
    Routing routing = GroupByExpert(kept, scores);
    routing.dropped = static_cast<int64_t>(wanted.size() - kept.size());
    return routing;
  }

  double ExpertsPerToken() const override { return 1; }

 private:
  // The expert that each real token scores highest.
  std::vector<RoutingPair> Wanted(const Tensor& scores,
                                  absl::Span<const uint8_t> real) const {
    const std::vector<double> values = scores.ToVector();
    std::vector<RoutingPair> wanted;
    for (int64_t t = 0; t < scores.dim(0); ++t) {
      if (!real.empty() && !real[t]) continue;
      const auto row = values.begin() + t * experts_;
      const auto best = std::max_element(row, row + experts_);
      wanted.push_back(
          {static_cast<int32_t>(t), static_cast<int32_t>(best - row)});
    }
    return wanted;
  }

  std::vector<RoutingPair> WithinCapacity(
      const std::vector<RoutingPair>& wanted) const {
    const auto capacity = static_cast<int64_t>(std::ceil(
        config_.capacity_factor() * double(wanted.size()) / double(experts_)));
    std::vector<int64_t> taken(experts_);
    std::vector<RoutingPair> kept;
    for (const RoutingPair& pair : wanted)
      if (taken[pair.expert]++ < capacity) kept.push_back(pair);
    return kept;
  }

  // Sums over the real tokens, which are those of `wanted`.
  void AddLosses(const Tensor& logits, const Tensor& scores,
                 const std::vector<RoutingPair>& wanted,
                 ForwardContext& context) const {
    if (wanted.empty()) return;
    Tensor mask = Tensor::Zeros({scores.dim(0), 1}, DType::kI32);
    std::vector<double> load(experts_);  // E times the fraction of tokens
    for (const RoutingPair& pair : wanted) {
      mask.data<int32_t>()[pair.token] = 1;
      load[pair.expert] += double(experts_) / double(wanted.size());
    }
    if (config_.balance_loss() > 0) {
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

ARCHLAB_PLUGIN(Switch)

}  // namespace archlab
