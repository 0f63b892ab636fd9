// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "archlab/router.h"

#include <algorithm>

#include "archlab/check.h"

namespace archlab {

Routing GroupByExpert(const std::vector<RoutingPair>& pairs,
                      const Tensor& weights) {
  ARCHLAB_CHECK_EQ(weights.rank(), 2) << "weights [N, E]";
  const int64_t experts = weights.dim(1);
  std::vector<RoutingPair> sorted = pairs;
  std::sort(sorted.begin(), sorted.end(),
            [](const RoutingPair& a, const RoutingPair& b) {
              return a.expert != b.expert ? a.expert < b.expert
                                          : a.token < b.token;
            });
  Routing routing;
  routing.begins.assign(experts + 1, 0);
  std::vector<int32_t> places;
  for (const RoutingPair& pair : sorted) {
    routing.tokens.push_back(pair.token);
    ++routing.begins[pair.expert + 1];
    places.push_back(static_cast<int32_t>(pair.token * experts + pair.expert));
  }
  for (int64_t e = 0; e < experts; ++e)
    routing.begins[e + 1] += routing.begins[e];
  const auto count = static_cast<int64_t>(places.size());
  if (count > 0)
    routing.weights = Reshape(
        GatherRows(Reshape(weights, {-1, 1}), Tensor::FromI32({count}, places)),
        {count});  // [M]
  return routing;
}

}  // namespace archlab
