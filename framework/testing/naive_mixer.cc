// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A mixer's input by the definition.

#include "testing/naive_mixer.h"

#include <limits>
#include <map>

namespace archlab {
namespace {

// [B, T, Hkv, D] -> [B, H, T, D], grouped heads repeated.
Tensor HeadsFirst(const Tensor& x, int64_t heads) {
  const int64_t group = heads / x.dim(2);
  std::vector<Tensor> parts;
  for (int64_t h = 0; h < heads; ++h)
    parts.push_back(Slice(x, 2, h / group, 1));  // [B, T, 1, D]
  return Permute(Concat(parts, 2), {0, 2, 1, 3});
}

}  // namespace

Tensor PositionsIn(const Tensor& segments) {
  Tensor positions = Tensor::Zeros(segments.shape(), DType::kI32);
  for (int64_t b = 0; b < segments.dim(0); ++b) {
    std::map<int32_t, int32_t> seen;
    for (int64_t t = 0; t < segments.dim(1); ++t) {
      const int64_t i = b * segments.dim(1) + t;
      const int32_t segment = segments.data<int32_t>()[i];
      if (segment >= 0) positions.data<int32_t>()[i] = seen[segment]++;
    }
  }
  return positions;
}

NaiveMixerInput::NaiveMixerInput(const Tensor& x, const Tensor& segments,
                                 bool has_segments, bool causal,
                                 MixerState* state)
    : x_(x),
      segments_(segments),
      positions_(PositionsIn(segments)),
      causal_(causal),
      state_(state) {
  const int64_t count = x.dim(1), first = segments.dim(1) - count;
  if (has_segments) new_segments_ = Slice(segments_, 1, first, count);
  new_positions_ = Slice(positions_, 1, first, count);
}

Tensor NaiveMixerInput::Attend(const Tensor& q, const Tensor& k,
                               const Tensor& v, double scale) const {
  const int64_t batch = q.dim(0), queries = q.dim(1), keys = k.dim(1);
  const int64_t first = keys - queries;
  Tensor mask = Tensor::Zeros({batch, 1, queries, keys}, DType::kI32);
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < queries; ++i)
      for (int64_t j = 0; j < keys; ++j) {
        const int32_t* segments = segments_.data<int32_t>() + b * keys;
        const int32_t* positions = positions_.data<int32_t>() + b * keys;
        const bool sees = segments[first + i] >= 0 &&
                          segments[first + i] == segments[j] &&
                          (!causal_ || positions[j] <= positions[first + i]);
        mask.Set((b * queries + i) * keys + j, sees);
      }
  const int64_t heads = q.dim(2);
  const Tensor scores = MatMul(Permute(q, {0, 2, 1, 3}), HeadsFirst(k, heads),
                               false, true);  // [B, H, T, Tk]
  const Tensor weights = Softmax(
      MaskFill(scores * scale, mask, -std::numeric_limits<double>::infinity()));
  return Permute(MatMul(weights, HeadsFirst(v, heads)),
                 {0, 2, 1, 3});  // [B, T, H, D]
}

}  // namespace archlab
