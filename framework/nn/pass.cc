// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/pass.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "archlab/ops.h"
#include "tensor/storage.h"

namespace archlab {

namespace {

// Paths of dropout are put together in every step.
using Path = CacheVector<char>;

}  // namespace

Pass::Pass(const PassOptions& options, const PassTokens& tokens)
    : options_(options),
      batch_(tokens.batch),
      tokens_(tokens.tokens),
      first_row_(tokens.first_row),
      plain_(!tokens.positions.defined() && !tokens.segments.defined()),
      prefix_(tokens.prefix) {
  training_ = options.training;
  step_ = options.step;
  segments_ = tokens.segments;
  if (tokens.positions.defined())
    positions_ = tokens.positions;
  else if (tokens.segments.defined())
    positions_ = PositionsOf(tokens.segments);
  else
    positions_ = DefaultPositions(batch_, tokens_);
}

Random Pass::RandomAt(absl::string_view path) const {
  return RandomAt(path, "");
}

Random Pass::RandomAt(absl::string_view module, absl::string_view name) const {
  Path path(module.begin(), module.end());
  path.insert(path.end(), name.begin(), name.end());
  if (repeat_ != 0) {
    const absl::AlphaNum repeat(repeat_);
    path.push_back('#');
    path.insert(path.end(), repeat.Piece().begin(), repeat.Piece().end());
  }
  return Random(options_.seed, options_.step,
                SiteHash(absl::string_view(path.data(), path.size())));
}

void Pass::AddLoss(absl::string_view name, const Tensor& value) {
  added_loss_ = added_loss_.defined() ? Add(added_loss_, value) : value;
  Log(name,
      value.At(0) / static_cast<double>(std::max<int64_t>(1, RealTokens())));
}

int64_t Pass::RealTokens() const {
  if (!segments_.defined()) return batch_ * tokens_;
  const int32_t* s = segments_.data<int32_t>();
  return std::count_if(s, s + segments_.size(),
                       [](int32_t segment) { return segment >= 0; });
}

Tensor Pass::AddedLoss() const {
  if (!added_loss_.defined()) return added_loss_;
  return added_loss_ *
         (1.0 / static_cast<double>(std::max<int64_t>(1, RealTokens())));
}

void Pass::Log(absl::string_view name, double value) {
  logs_.emplace_back(std::string(name), value);
}

void Pass::Tap(absl::string_view name, const Tensor& value) {
  if (options_.tap) options_.tap(absl::StrCat(module_, ".", name), value);
}

void Pass::TapAt(absl::string_view module, absl::string_view name,
                 const Tensor& value) {
  if (options_.tap) options_.tap(absl::StrCat(module, name), value);
}

void Pass::SetModule(absl::string_view block, absl::string_view part) {
  if (options_.tap) module_ = absl::StrCat(block, part);
}

Tensor Pass::Dropout(const Tensor& x, double p, absl::string_view module,
                     absl::string_view name) const {
  if (!training_ || p == 0) return x;
  const int64_t row_elements = x.size() / x.dim(0);
  return archlab::Dropout(
      x, p, RandomAt(module, name).Skip(first_row_ * row_elements));
}

Tensor DefaultPositions(int64_t batch, int64_t tokens, int64_t first) {
  Tensor positions = Tensor::Empty({batch, tokens}, DType::kI32);  // [B, T]
  int32_t* p = positions.data<int32_t>();
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t t = 0; t < tokens; ++t)
      p[b * tokens + t] = static_cast<int32_t>(first + t);
  return positions;
}

Tensor PositionsOf(const Tensor& segments) {
  const int64_t batch = segments.dim(0), tokens = segments.dim(1);
  Tensor positions = Tensor::Zeros({batch, tokens}, DType::kI32);  // [B, T]
  const int32_t* s = segments.data<int32_t>();
  int32_t* p = positions.data<int32_t>();
  for (int64_t b = 0; b < batch; ++b) {
    int32_t next = 0, segment = -1;
    for (int64_t t = 0; t < tokens; ++t) {
      const int64_t i = b * tokens + t;
      if (s[i] < 0) continue;
      if (s[i] != segment) next = 0;
      segment = s[i];
      p[i] = next++;
    }
  }
  return positions;
}

}  // namespace archlab
