// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Router: which experts see which tokens.

#ifndef ARCHLAB_ROUTER_H_
#define ARCHLAB_ROUTER_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "archlab/component.h"
#include "archlab/ops.h"
#include "archlab/plugin.h"

namespace archlab {

// Pairs of token and expert, grouped by expert, tokens rising within a group.
struct Routing {
  std::vector<int32_t> tokens;  // [M] rows of x
  // [E + 1]: expert e has the pairs begins[e] .. begins[e + 1] - 1.
  std::vector<int64_t> begins;
  Tensor weights;       // [M], on the tape: share of the expert's output
  int64_t dropped = 0;  // pairs that found no room (capacity)
};

// One token's choice of an expert.
struct RoutingPair {
  int32_t token;
  int32_t expert;
};

// Logs of a routing, under the path of the part that routes: "load_entropy",
// the entropy of the experts' load over its maximum (1: balanced), "drop_rate",
// the share of pairs that found no room, and "dead_experts", those that saw no
// token.
void LogLoads(const Routing& routing, const std::string& path,
              ForwardContext& context);

// Groups pairs (each at most once) by expert; the weight of a pair is
// weights [N, E] at its place. `dropped` is 0.
Routing GroupByExpert(const std::vector<RoutingPair>& pairs,
                      const Tensor& weights);

// Coefficients of a router's losses; 0: no such loss.
struct RouterLosses {
  double balance = 0, z = 0;
};

// Adds to a training pass, as <path>.balance_loss and <path>.z_loss and as sums
// over the real tokens:
//   balance: for a token E sum_e f_e p_e, where f_e is the share of all pairs
//     that expert e has and p_e the token's score for e; 1 when balanced, and
//     only p has a gradient. Source: arXiv:2101.03961, equation 4.
//   z: for a token (log sum_e exp l_e)^2, l its logits. Source:
//     arXiv:2202.08906, equation 5.
// logits and scores (their softmax) are [N, E], `pairs` what the tokens chose,
// also where an expert has no room for it; `real` as in Route.
void AddRouterLosses(const Tensor& logits, const Tensor& scores,
                     const std::vector<RoutingPair>& pairs,
                     absl::Span<const uint8_t> real,
                     const RouterLosses& coefficients, absl::string_view path,
                     ForwardContext& context);

class Router : public Component {
 public:
  static constexpr char kKind[] = "router";
  static constexpr int kInterfaceRevision = 1;

  // x [N, C]: tokens; real[i]: whether token i is no padding (empty: all are).
  // Padding is routed nowhere and enters no loss. The number of experts E is
  // context.at().experts when the router was built. Balance terms go to
  // context.AddLoss as sums over real tokens.
  virtual Routing Route(const Tensor& x, absl::Span<const uint8_t> real,
                        ForwardContext& context) const = 0;
  // Experts that a token sees on average: what a token costs.
  virtual double ExpertsPerToken() const = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_ROUTER_H_
