// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "archlab/router.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
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

void AddRouterLosses(const Tensor& logits, const Tensor& scores,
                     const std::vector<RoutingPair>& pairs,
                     absl::Span<const uint8_t> real,
                     const RouterLosses& coefficients, absl::string_view path,
                     ForwardContext& context) {
  if (!context.training() || pairs.empty()) return;
  const int64_t tokens = scores.dim(0), experts = scores.dim(1);
  Tensor mask = Tensor::Full({tokens, 1}, DType::kI32, 1);
  for (size_t t = 0; t < real.size(); ++t)
    mask.data<int32_t>()[t] = real[t] != 0;
  if (coefficients.balance > 0) {
    std::vector<double> load(experts);  // E times the share of pairs
    for (const RoutingPair& pair : pairs)
      load[pair.expert] += double(experts) / double(pairs.size());
    const Tensor balance =
        MaskFill(scores, mask, 0) *
        Tensor::From({experts}, load, scores.dtype());  // [N, E]
    context.AddLoss(absl::StrCat(path, ".balance_loss"),
                    SumAll(balance) * coefficients.balance);
  }
  if (coefficients.z > 0) {
    const Tensor z = Slice(logits - LogSoftmax(logits), 1, 0, 1);  // [N, 1]
    context.AddLoss(absl::StrCat(path, ".z_loss"),
                    SumAll(Square(MaskFill(z, mask, 0))) * coefficients.z);
  }
}

void LogLoads(const Routing& routing, const std::string& path,
              ForwardContext& context) {
  const auto pairs = static_cast<double>(routing.tokens.size());
  if (pairs + double(routing.dropped) == 0) return;
  const size_t experts = routing.begins.size() - 1;
  double entropy = 0;
  int64_t dead = 0;
  for (size_t e = 0; e < experts; ++e) {
    const double load =
        double(routing.begins[e + 1] - routing.begins[e]) / pairs;
    if (load > 0)
      entropy -= load * std::log(load);
    else
      ++dead;
  }
  const double most = std::log(double(experts));
  context.Log(path + ".load_entropy", most > 0 ? entropy / most : 1);
  context.Log(path + ".drop_rate",
              double(routing.dropped) / (pairs + double(routing.dropped)));
  context.Log(path + ".dead_experts", double(dead));
}

}  // namespace archlab
