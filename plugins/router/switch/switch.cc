// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The expert with the largest softmax score sees a token, if it has room.
// Source: arXiv:2101.03961, section 2.

#include <algorithm>
#include <cmath>
#include <vector>

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
    AddRouterLosses(logits, scores, wanted, real,
                    {.balance = config_.balance_loss(), .z = config_.z_loss()},
                    path_, context);
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

  const Config config_;
  const int64_t experts_;
  const std::string path_;
  const Parameter weight_;  // [E, C]
};

ARCHLAB_PLUGIN(Switch)

}  // namespace archlab
