// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sinusoidal positions: x + scale * [sin(p w_0), cos(p w_0), sin(p w_1), ...]
// with w_i = base^(-2 i / C).
// Source: arXiv:1706.03762, section 3.5.

#include <cmath>
#include <vector>

#include "archlab/position.h"
#include "sinusoidal.pb.h"

namespace archlab {

class Sinusoidal final : public Position {
 public:
  using Config = position::SinusoidalConfig;
  Sinusoidal(const Config& config, const BuildContext& context)
      : base_(config.base()),
        scale_(config.scale()),
        width_(context.at().width),
        max_tokens_(context.at().max_tokens) {}

  Tensor Embed(const Tensor& x, const Tensor& positions) const override {
    const DType dtype = x.dtype() == DType::kF64 ? DType::kF64 : DType::kF32;
    Grow(positions, dtype);
    const Tensor order = archlab::Embed(table_, positions);  // [B, T, C]
    return Cast(x + order, x.dtype());                       // [B, T, C]
  }

 private:
  // Makes the table hold all of `positions`. It doubles, so that decoding token
  // by token rebuilds it rarely.
  void Grow(const Tensor& positions, DType dtype) const {
    int64_t rows = table_.defined() ? table_.dim(0) : 0;
    if (rows > 0 && table_.dtype() != dtype) rows = 0;
    int64_t needed = max_tokens_;
    for (int64_t i = 0; i < positions.size(); ++i)
      needed = std::max<int64_t>(needed, positions.data<int32_t>()[i] + 1);
    if (rows > 0 && needed <= rows) return;
    rows = std::max(needed, 2 * rows);
    std::vector<double> values(rows * width_);
    for (int64_t c = 0; c < width_; ++c) {
      const double frequency = std::pow(base_, -double(c / 2 * 2) / width_);
      for (int64_t p = 0; p < rows; ++p) {
        const double angle = p * frequency;
        values[p * width_ + c] =
            scale_ * (c % 2 == 0 ? std::sin(angle) : std::cos(angle));
      }
    }
    table_ = Tensor::From({rows, width_}, values, dtype);
  }

  const double base_, scale_;
  const int64_t width_, max_tokens_;
  mutable Tensor table_;  // [P, C]; grows on demand, one thread calls
};

ARCHLAB_PLUGIN(Sinusoidal)

}  // namespace archlab
