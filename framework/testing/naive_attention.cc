// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention by the definition.

#include "testing/naive_attention.h"

#include <cmath>
#include <limits>

namespace archlab {
namespace {

bool MayInteract(const Attention& core, const Surroundings& at,
                 const TokenPlaces& queries, int64_t i, const TokenPlaces& keys,
                 int64_t j) {
  if (queries.segments[i] < 0 || keys.segments[j] < 0) return false;
  if (at.cross) return true;
  if (queries.segments[i] != keys.segments[j]) return false;
  const int64_t query = queries.positions[i];
  const int64_t key = keys.positions[j];
  return (!at.causal || key <= query) && core.Sees(query, key);
}

}  // namespace

TokenPlaces TokenPlaces::Range(int64_t count, int64_t first) {
  TokenPlaces places;
  for (int64_t t = 0; t < count; ++t) {
    places.positions.push_back(int32_t(first + t));
    places.segments.push_back(0);
  }
  return places;
}

Tensor HeadsAsChannels(const Tensor& q) {
  return Reshape(Permute(q, {0, 2, 1, 3}),
                 {q.dim(0), q.dim(2), q.dim(1) * q.dim(3)});
}

NaiveAttention::NaiveAttention(const Attention& core, const Surroundings& at,
                               ForwardContext& context, const Tensor& q,
                               const Tensor& k, const Tensor& v,
                               const TokenPlaces& queries,
                               const TokenPlaces& keys)
    : context_(context), x_(HeadsAsChannels(q)), q_(q), k_(k), v_(v) {
  scale_ = 1 / std::sqrt(double(q.dim(-1)));
  const int64_t query_count = q.dim(2), key_count = k.dim(2);
  mask_ = Tensor::Empty({query_count, key_count}, DType::kI32);
  for (int64_t i = 0; i < query_count; ++i)
    for (int64_t j = 0; j < key_count; ++j)
      mask_.Set(i * key_count + j, MayInteract(core, at, queries, i, keys, j));
}

Tensor NaiveAttention::MaskedSoftmax(const Tensor& scores) const {
  return Softmax(
      Mask(scores * scale_, -std::numeric_limits<double>::infinity()));
}

Tensor NaiveAttention::Mask(const Tensor& scores, double value) const {
  return MaskFill(scores, mask_, value);
}

Tensor NaiveAttention::Tiled() const {
  const Tensor scores = MatMul(q_, k_, false, true);  // [B, H, Tq, Tk]
  return MatMul(MaskedSoftmax(scores), v_);           // [B, H, Tq, D]
}

}  // namespace archlab
