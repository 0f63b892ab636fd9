// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/kv_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "archlab/check.h"
#include "archlab/ops.h"

namespace archlab {
namespace {

constexpr int64_t kFirstCapacity = 64;  // tokens

// Copies rows [0, tokens) of each sequence of `from` into `to` from row `at`.
void CopyRows(const Tensor& from, int64_t from_tokens, Tensor& to, int64_t at) {
  const int64_t batch = from.dim(0);
  const int64_t row_bytes =
      from.dim(2) * from.dim(3) * DTypeBytes(from.dtype());
  const auto* source = static_cast<const char*>(from.raw());
  auto* target = static_cast<char*>(to.raw());
  for (int64_t b = 0; b < batch; ++b)
    std::memcpy(target + (b * to.dim(1) + at) * row_bytes,
                source + b * from.dim(1) * row_bytes, from_tokens * row_bytes);
}

void Grow(Tensor& buffer, const Tensor& like, int64_t tokens, int64_t needed) {
  if (buffer.defined() && buffer.dim(1) >= needed) return;
  int64_t capacity = buffer.defined() ? buffer.dim(1) : kFirstCapacity;
  while (capacity < needed) capacity *= 2;
  Tensor grown = Tensor::Empty(
      {like.dim(0), capacity, like.dim(2), like.dim(3)}, like.dtype());
  if (tokens > 0) CopyRows(buffer, tokens, grown, 0);
  buffer = grown;
}

// Rows of x [B, ...] in another order, some perhaps twice.
Tensor GatherBatch(const Tensor& x, absl::Span<const int32_t> rows) {
  std::vector<Tensor> picked;
  for (const int32_t row : rows) picked.push_back(Slice(x, 0, row, 1));
  return Concat(picked, 0);
}

}  // namespace

void LayerCache::Append(const Tensor& k, const Tensor& v) {
  const int64_t added = k.dim(1);
  Grow(keys_, k, tokens_, tokens_ + added);
  Grow(values_, v, tokens_, tokens_ + added);
  CopyRows(k, added, keys_, tokens_);
  CopyRows(v, added, values_, tokens_);
  tokens_ += added;
}

Tensor LayerCache::View(const Tensor& buffer) const {
  if (buffer.dim(0) > 1) return buffer;
  return buffer.View(Shape({buffer.dim(1), buffer.dim(2), buffer.dim(3)}))
      .Rows(0, tokens_)
      .View({1, tokens_, buffer.dim(2), buffer.dim(3)});
}

int64_t LayerCache::bytes() const {
  int64_t total = mixer ? mixer->bytes() : 0;
  for (const Tensor* each : {&keys_, &values_, &cross_keys, &cross_values})
    if (each->defined()) total += each->bytes();
  return total;
}

void LayerCache::Gather(absl::Span<const int32_t> rows) {
  for (Tensor* each : {&keys_, &values_, &cross_keys, &cross_values})
    if (each->defined()) *each = GatherBatch(*each, rows);
  if (mixer) mixer = mixer->Gather(rows);
}

int64_t KvCache::bytes() const {
  int64_t total = 0;
  for (const LayerCache& layer : layers) total += layer.bytes();
  return total;
}

void KvCache::Gather(absl::Span<const int32_t> rows) {
  for (LayerCache& layer : layers) layer.Gather(rows);
  const auto pick = [rows](auto& from) {
    auto picked = from;
    picked.clear();
    for (const int32_t row : rows) picked.push_back(from[row]);
    from = std::move(picked);
  };
  pick(positions);
  pick(segments);
  pick(real_tokens);
}

}  // namespace archlab
