// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/attention_weights.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "archlab/ops.h"

namespace archlab {
namespace {

// A pass without an audience, but for taps of weights.
class ProbeContext final : public ForwardContext {
 public:
  explicit ProbeContext(const ForwardContext& pass) : pass_(pass) {
    training_ = pass.training();
    step_ = pass.step();
    positions_ = pass.positions();
    segments_ = pass.segments();
  }
  Random RandomAt(absl::string_view path) const override {
    return pass_.RandomAt(path);
  }
  void AddLoss(absl::string_view, const Tensor&) override {}
  void Log(absl::string_view, double) override {}
  void Tap(absl::string_view name, const Tensor& value) override {
    if (name == "weights") tapped_ = value;
  }
  const Tensor& tapped() const { return tapped_; }

 private:
  const ForwardContext& pass_;
  Tensor tapped_;
};

// Each head's own map: [B, G, Tq, Tk] -> [B, H, Tq, Tk], f32.
Tensor ForEachHead(const Tensor& maps, int64_t heads) {
  std::vector<Tensor> all(heads / maps.dim(1), Cast(maps, DType::kF32));
  return all.size() == 1 ? all[0] : Concat(all, 1);
}

bool IsMapOf(const Tensor& maps, const Shape& weights) {
  return maps.rank() == 4 && maps.dim(0) == weights[0] && maps.dim(1) > 0 &&
         weights[1] % maps.dim(1) == 0 && maps.dim(2) == weights[2] &&
         maps.dim(3) == weights[3];
}

// Values that pick keys first .. first + D - 1, one a channel.
Tensor OneHots(const Shape& shape, DType dtype, int64_t first) {
  Tensor v = Tensor::Zeros(shape, dtype);  // [B, Tk, Hkv, D]
  const int64_t tokens = shape[1], heads = shape[2], dim = shape[3];
  const int64_t end = std::min(first + dim, tokens);
  for (int64_t b = 0; b < shape[0]; ++b)
    for (int64_t j = first; j < end; ++j)
      for (int64_t h = 0; h < heads; ++h)
        v.Set(((b * tokens + j) * heads + h) * dim + j - first, 1);
  return v;
}

// Whether weights [B, H, Tq, Tk] times v [B, Tk, Hkv, D] is y [B, Tq, H, D], up
// to the rounding of the types.
bool Explain(const Tensor& weights, const Tensor& v, const Tensor& y) {
  const int64_t heads = weights.dim(1), group = heads / v.dim(2);
  const Tensor values = Permute(Cast(v, DType::kF32), {0, 2, 1, 3});
  const Shape grouped = {v.dim(0), v.dim(2), group * weights.dim(2), v.dim(1)};
  const Tensor product =
      MatMul(Reshape(weights, grouped), values);  // [B, Hkv, group Tq, D]
  const Tensor expected =
      Permute(Cast(y, DType::kF32), {0, 2, 1, 3});  // [B, H, Tq, D]
  double largest = 0, error = 0, value = 0;
  for (int64_t i = 0; i < v.size(); ++i)
    value = std::max(value, std::abs(v.At(i)));
  for (int64_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected.At(i)));
    error = std::max(error, std::abs(expected.At(i) - product.At(i)));
  }
  const double rounding = v.dtype() == DType::kBF16 ? 2e-2 : 1e-3;
  return error <= rounding * std::max(largest, value);  // false for NaN
}

}  // namespace

Tensor AttentionWeights(const ForwardContext& pass, const Tensor& v,
                        const Tensor& y, const AttendWith& attend) {
  const NoGrad no_grad;
  const int64_t keys = v.dim(1), dim = v.dim(3);
  const Shape shape = {y.dim(0), y.dim(2), y.dim(1), keys};  // [B, H, Tq, Tk]
  const DType dtype = v.dtype() == DType::kBF16 ? DType::kF32 : v.dtype();
  std::vector<Tensor> parts;  // [B, Tq, H, D] each
  ProbeContext context(pass);
  for (int64_t first = 0; first < keys; first += dim) {
    const Tensor part =
        Cast(attend(OneHots(v.shape(), dtype, first), context), DType::kF32);
    if (context.tapped().defined())
      return IsMapOf(context.tapped(), shape)
                 ? ForEachHead(context.tapped(), shape[1])
                 : Tensor();
    parts.push_back(Slice(part, 3, 0, std::min(dim, keys - first)));
  }
  const Tensor weights =
      Permute(parts.size() == 1 ? parts[0] : Concat(parts, 3),
              {0, 2, 1, 3});  // [B, H, Tq, Tk]
  return Explain(weights, v, y) ? weights : Tensor();
}

}  // namespace archlab
