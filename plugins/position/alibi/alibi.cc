// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention with linear biases: -slope_h |query - key| is added to the scores
// of head h.
// Source: arXiv:2108.12409, section 3; slopes for head counts that are no power
// of two as its authors have them.

#include <cmath>
#include <cstdlib>
#include <vector>

#include "absl/status/status.h"
#include "alibi.pb.h"
#include "archlab/position.h"

namespace archlab {
namespace {

// Slopes of `heads` heads.
std::vector<double> Slopes(int64_t heads, double max_exponent) {
  int64_t power = 1;
  while (2 * power <= heads) power *= 2;
  std::vector<double> slopes;
  for (int64_t h = 1; h <= power; ++h)
    slopes.push_back(std::exp2(-max_exponent * h / power));
  for (int64_t h = 1; slopes.size() < heads; h += 2)
    slopes.push_back(std::exp2(-max_exponent * h / (2 * power)));
  return slopes;
}

}  // namespace

class Alibi final : public Position {
 public:
  using Config = position::AlibiConfig;

  static absl::StatusOr<std::unique_ptr<Alibi>> Create(
      const Config& config, const BuildContext& context) {
    if (context.at().heads < 1)
      return absl::InvalidArgumentError(
          "biases attention scores, but the stack has no attention heads");
    return std::make_unique<Alibi>(config, context);
  }

  Alibi(const Config& config, const BuildContext& context)
      : slopes_(Slopes(context.at().heads, config.max_exponent())),
        dtype_(context.at().dtype == DType::kF64 ? DType::kF64 : DType::kF32) {}

  Tensor ScoreBias(int64_t reach) const override {
    const int64_t entries = 2 * reach + 1;
    if (table_.defined() && table_.dim(1) == entries) return table_;
    std::vector<double> values;
    values.reserve(slopes_.size() * entries);
    for (const double slope : slopes_)
      for (int64_t d = -reach; d <= reach; ++d)
        values.push_back(-slope * std::abs(d));
    table_ = Tensor::From({int64_t(slopes_.size()), entries}, values, dtype_);
    return table_;  // [H, 2 reach + 1]
  }

 private:
  const std::vector<double> slopes_;  // [H]
  const DType dtype_;
  mutable Tensor table_;  // of the last reach; one thread calls
};

ARCHLAB_PLUGIN(Alibi)

}  // namespace archlab
