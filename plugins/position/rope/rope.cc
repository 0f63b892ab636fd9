// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rotary position embedding: pair i of the first N channels of a head turns by
// p theta^(-2 i / N) at position p, or slower with a scaling (frequencies.h).
// Source: arXiv:2104.09864, section 3.2.

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/position.h"
#include "frequencies.h"
#include "rope.pb.h"

namespace archlab {
namespace {

using Config = position::RopeConfig;

// Whether the scaling can be done with so many pairs.
absl::Status CheckScaling(const Config& config, int64_t pairs) {
  if (config.has_ntk() && pairs < 2)
    return FieldError({Config::kNtkFieldNumber},
                      "needs at least two pairs of channels that turn; let a "
                      "larger fraction turn, or take linear");
  const Config::Yarn& yarn = config.yarn();
  if (yarn.beta_slow() >= yarn.beta_fast())
    return FieldError(
        {Config::kYarnFieldNumber, Config::Yarn::kBetaSlowFieldNumber},
        absl::StrCat("must be below beta_fast, ", yarn.beta_fast(), ", but is ",
                     yarn.beta_slow()));
  const Config::Llama3& llama3 = config.llama3();
  if (llama3.low_freq_factor() >= llama3.high_freq_factor())
    return FieldError(
        {Config::kLlama3FieldNumber, Config::Llama3::kLowFreqFactorFieldNumber},
        absl::StrCat("must be below high_freq_factor, ",
                     llama3.high_freq_factor(), ", but is ",
                     llama3.low_freq_factor()));
  return absl::OkStatus();
}

}  // namespace

class Rope final : public Position {
 public:
  using Config = position::RopeConfig;

  static absl::StatusOr<std::unique_ptr<Rope>> Create(
      const Config& config, const BuildContext& context) {
    const int64_t head_dim = context.at().head_dim;
    if (head_dim < 1)
      return absl::InvalidArgumentError(
          "turns the heads of attention, but the stack has none; take "
          "[position/learned] or [position/none]");
    const double turning = config.fraction() * head_dim;
    if (std::floor(turning) != turning || int64_t(turning) % 2 != 0 ||
        turning < 2)
      return FieldError(
          {Config::kFractionFieldNumber},
          absl::StrCat("times head_dim must be an even number of channels, "
                       "at least 2, but ",
                       config.fraction(), " * ", head_dim, " = ", turning));
    const int64_t pairs = int64_t(turning) / 2;
    ARCHLAB_RETURN_IF_ERROR(CheckScaling(config, pairs));
    return std::make_unique<Rope>(config, pairs, context.at().max_tokens);
  }

  Rope(const Config& config, int64_t pairs, int64_t max_tokens)
      : frequencies_(Frequencies(config, pairs)),
        factor_(AttentionFactor(config)),
        interleaved_(config.interleaved()),
        pairs_(pairs),
        max_tokens_(max_tokens) {}

  Tensor Rotate(const Tensor& x, const Tensor& positions) const override {
    Grow(positions, x.dtype() == DType::kF64 ? DType::kF64 : DType::kF32);
    return Rotary(x, cosine_, sine_, positions, interleaved_);  // [B, T, H, D]
  }

 private:
  // Makes the tables hold all of `positions`. They double, so that decoding
  // token by token rebuilds them rarely.
  void Grow(const Tensor& positions, DType dtype) const {
    int64_t rows = cosine_.defined() ? cosine_.dim(0) : 0;
    if (rows > 0 && cosine_.dtype() != dtype) rows = 0;
    int64_t needed = max_tokens_;
    for (int64_t i = 0; i < positions.size(); ++i)
      needed = std::max<int64_t>(needed, positions.data<int32_t>()[i] + 1);
    if (rows > 0 && needed <= rows) return;
    rows = std::max(needed, 2 * rows);
    std::vector<double> cosine(rows * pairs_), sine(rows * pairs_);
    for (int64_t p = 0; p < rows; ++p)
      for (int64_t i = 0; i < pairs_; ++i) {
        cosine[p * pairs_ + i] = factor_ * std::cos(p * frequencies_[i]);
        sine[p * pairs_ + i] = factor_ * std::sin(p * frequencies_[i]);
      }
    cosine_ = Tensor::From({rows, pairs_}, cosine, dtype);
    sine_ = Tensor::From({rows, pairs_}, sine, dtype);
  }

  const std::vector<double> frequencies_;  // radians a token, [R]
  const double factor_;                    // of the channels that turn
  const bool interleaved_;
  const int64_t pairs_, max_tokens_;
  mutable Tensor cosine_, sine_;  // [P, R]; grow on demand, one thread calls
};

ARCHLAB_PLUGIN(Rope)

}  // namespace archlab
