// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Relative position biases in buckets: b[bucket(query - key), h] is added to
// the scores of head h.
// Source: arXiv:1910.10683, section 2.1; how the buckets widen is as its
// authors have it.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "archlab/position.h"
#include "t5_relative.pb.h"

namespace archlab {
namespace {

// The bucket of `distance` >= 0 among `buckets`: the first half exact, then
// evenly in the logarithm up to `max_distance`.
int64_t BucketOf(int64_t distance, int64_t buckets, int64_t max_distance) {
  const int64_t exact = buckets / 2;
  if (distance < exact) return distance;
  const double part = std::log(double(distance) / exact) /
                      std::log(double(max_distance) / exact);
  // Where a border falls on a whole distance, rounding must not move it.
  constexpr double kRounding = 1e-9;
  const double last = buckets - 1;
  return std::min(exact + std::floor(part * (buckets - exact) + kRounding),
                  last);
}

}  // namespace

class T5Relative final : public Position {
 public:
  using Config = position::T5RelativeConfig;

  static absl::StatusOr<std::unique_ptr<T5Relative>> Create(
      const Config& config, const BuildContext& context) {
    if (context.at().heads < 1)
      return absl::InvalidArgumentError(
          "biases attention scores, but the stack has no attention heads");
    const bool causal = SeesNoLaterKey(context.at());
    if (!causal && (config.buckets() % 2 != 0 || config.buckets() < 4))
      return FieldError(
          {Config::kBucketsFieldNumber},
          absl::StrCat("must be even and at least 4 where a query sees later "
                       "keys, but is ",
                       config.buckets()));
    const int64_t exact = config.buckets() / (causal ? 2 : 4);
    if (config.max_distance() <= exact)
      return FieldError(
          {Config::kMaxDistanceFieldNumber},
          absl::StrCat("must be above ", exact, ", up to which ",
                       config.buckets(), " buckets are exact, but is ",
                       config.max_distance()));
    return std::make_unique<T5Relative>(config, context);
  }

  T5Relative(const Config& config, const BuildContext& context)
      : causal_(SeesNoLaterKey(context.at())),
        buckets_(config.buckets()),
        max_distance_(config.max_distance()),
        table_(context.AddParameter(
            "weight", {config.buckets(), context.at().heads},
            Init::Normal(config.init_std()),
            {.decay = false, .matrix = false, .keep_f32 = true})) {}

  Tensor ScoreBias(int64_t reach) const override {
    Grow(reach);
    const int64_t middle = ids_.dim(0) / 2;
    const Tensor ids = ids_.Rows(middle - reach, 2 * reach + 1);
    return Transpose(archlab::Embed(table_.value(), ids));  // [H, 2 reach + 1]
  }

 private:
  // A prefix language model looks ahead in its prefix.
  static bool SeesNoLaterKey(const Surroundings& at) {
    return at.causal && !at.prefix;
  }

  // Bucket of query - key; later keys have the upper half.
  int64_t SignedBucketOf(int64_t d) const {
    if (causal_)
      return BucketOf(std::max<int64_t>(d, 0), buckets_, max_distance_);
    const int64_t half = buckets_ / 2;
    return BucketOf(std::abs(d), half, max_distance_) + (d < 0 ? half : 0);
  }

  // Makes ids_ hold the distances -reach .. reach. It doubles, so that decoding
  // token by token rebuilds it rarely.
  void Grow(int64_t reach) const {
    if (ids_.defined() && ids_.dim(0) >= 2 * reach + 1) return;
    const int64_t far = ids_.defined() ? std::max(reach, ids_.dim(0)) : reach;
    std::vector<int32_t> ids;
    ids.reserve(2 * far + 1);
    for (int64_t d = -far; d <= far; ++d) ids.push_back(SignedBucketOf(d));
    ids_ = Tensor::FromI32({2 * far + 1}, ids);
  }

  const bool causal_;
  const int64_t buckets_, max_distance_;
  const Parameter table_;  // [buckets, H]
  mutable Tensor ids_;     // [2 far + 1]; grows on demand, one thread calls
};

ARCHLAB_PLUGIN(T5Relative)

}  // namespace archlab
