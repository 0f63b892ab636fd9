// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Every expert chooses the tokens that score highest for it.
// Source: arXiv:2202.09368, section 3.

#include <algorithm>
#include <cmath>
#include <vector>

#include "archlab/router.h"
#include "expert_choice.pb.h"

namespace archlab {

class ExpertChoice final : public Router {
 public:
  using Config = router::ExpertChoiceConfig;
  ExpertChoice(const Config& config, const BuildContext& context)
      : capacity_factor_(config.capacity_factor()),
        experts_(context.at().experts),
        weight_(context.AddParameter("weight", {experts_, context.at().width},
                                     Init::Normal(context.at().init_std),
                                     {.keep_f32 = true})) {}

  Routing Route(const Tensor& x, absl::Span<const uint8_t> real,
                ForwardContext&) const override {
    const Tensor scores =
        Softmax(Linear(x, weight_.value(), Tensor()));  // [N, E]
    std::vector<int32_t> tokens;
    for (int64_t t = 0; t < scores.dim(0); ++t)
      if (real.empty() || real[t]) tokens.push_back(static_cast<int32_t>(t));
    const auto count = static_cast<int64_t>(tokens.size());
    const int64_t each = std::min<int64_t>(
        count,
        std::max<int64_t>(1, std::llround(capacity_factor_ * double(count) /
                                          double(experts_))));
    const std::vector<double> values = scores.ToVector();
    std::vector<RoutingPair> pairs;
    for (int64_t e = 0; e < experts_; ++e) {
      const auto score = [&](int32_t t) { return values[t * experts_ + e]; };
      std::partial_sort(tokens.begin(), tokens.begin() + each, tokens.end(),
                        [&](int32_t a, int32_t b) {
                          return score(a) != score(b) ? score(a) > score(b)
                                                      : a < b;
                        });
      for (int64_t i = 0; i < each; ++i)
        pairs.push_back({tokens[i], static_cast<int32_t>(e)});
    }
    return GroupByExpert(pairs, scores);
  }

  double ExpertsPerToken() const override {
    return std::min(capacity_factor_, double(experts_));
  }

 private:
  const double capacity_factor_;
  const int64_t experts_;
  const Parameter weight_;  // [E, C]
};

ARCHLAB_PLUGIN(ExpertChoice)

}  // namespace archlab
