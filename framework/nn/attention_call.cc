// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/attention_call.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "archlab/check.h"
#include "archlab/ops.h"
#include "nn/attention_weights.h"
#include "tensor/storage.h"

namespace archlab {
namespace {

// Rows of the cache as i32 [B, tokens].
Tensor FromRows(const std::vector<std::vector<int32_t>>& rows) {
  const auto batch = static_cast<int64_t>(rows.size());
  const auto tokens = static_cast<int64_t>(rows[0].size());
  Tensor all = Tensor::Empty({batch, tokens}, DType::kI32);  // [B, tokens]
  for (int64_t b = 0; b < batch; ++b)
    std::copy(rows[b].begin(), rows[b].end(), all.data<int32_t>() + b * tokens);
  return all;
}

int64_t Largest(const Tensor& positions) {
  const int32_t* p = positions.data<int32_t>();
  return *std::max_element(p, p + positions.size());
}

// bf16 in f32: rounding would show in the weights.
Tensor Wide(const Tensor& x) {
  return x.dtype() == DType::kBF16 ? Cast(x, DType::kF32) : x;
}

}  // namespace

KeyFrame KeyFrame::Whole(const Pass& pass, const Position& position) {
  KeyFrame frame;
  frame.reach = Largest(pass.positions());
  frame.bias = position.ScoreBias(frame.reach);
  frame.prefix = pass.prefix();
  if (pass.plain()) return frame;
  frame.query_positions = frame.key_positions = pass.positions();
  frame.query_segments = frame.key_segments = pass.segments();
  return frame;
}

KeyFrame KeyFrame::Cached(const Pass& pass, const KvCache& cache,
                          const Position& position) {
  KeyFrame frame;
  for (const int32_t tokens : cache.real_tokens)
    frame.reach = std::max<int64_t>(frame.reach, tokens - 1);
  frame.tokens = cache.tokens();
  frame.bias = position.ScoreBias(frame.reach);
  frame.prefix = pass.prefix();
  if (cache.plain) return frame;
  frame.query_positions = pass.positions();
  frame.query_segments = pass.segments().defined()
                             ? pass.segments()
                             : Tensor::Zeros(pass.positions().shape(),
                                             DType::kI32);  // [B, Tq]
  frame.key_positions = FromRows(cache.positions);          // [B, Tk]
  frame.key_segments = FromRows(cache.segments);            // [B, Tk]
  return frame;
}

KeyFrame KeyFrame::Cross(const Pass& queries, const Tensor& segments) {
  KeyFrame frame;
  if (!segments.defined()) return frame;
  frame.query_segments =
      Tensor::Zeros({queries.batch(), queries.tokens()}, DType::kI32);
  frame.key_segments = Tensor::Empty(segments.shape(), DType::kI32);
  const int32_t* from = segments.data<int32_t>();
  int32_t* to = frame.key_segments.data<int32_t>();
  for (int64_t i = 0; i < segments.size(); ++i) to[i] = from[i] < 0 ? -1 : 0;
  return frame;
}

KeyFrame KeyFrame::WithoutBias() const {
  KeyFrame frame = *this;
  frame.bias = Tensor();
  return frame;
}

AttentionPattern KeyFrame::Pattern(bool causal,
                                   std::shared_ptr<TilePattern> rule) const {
  AttentionPattern pattern;
  pattern.causal = causal;
  pattern.query_positions = query_positions;
  pattern.key_positions = key_positions;
  pattern.query_segments = query_segments;
  pattern.key_segments = key_segments;
  pattern.prefix = prefix;
  pattern.sees = std::move(rule);
  return pattern;
}

AttentionCall::AttentionCall(Tensor x, Tensor q, Tensor k, Tensor v,
                             const Attention& core,
                             std::shared_ptr<TilePattern> rule,
                             const Surroundings& at, const KeyFrame& keys,
                             Pass& pass, double dropout,
                             const std::string& path)
    : x_(std::move(x)),
      q_(std::move(q)),
      k_(std::move(k)),
      v_(std::move(v)),
      core_(core),
      context_(pass),
      watched_(pass.attention_observer() ? &pass : nullptr),
      path_(watched_ != nullptr ? path : ""),
      heads_(at.heads) {
  scale_ = 1 / std::sqrt(static_cast<double>(at.head_dim));
  const AttentionPattern pattern = keys.Pattern(
      at.causal && !at.cross, at.cross ? nullptr : std::move(rule));
  const int64_t batch = q_.dim(0), queries = q_.dim(1);
  const int64_t tokens = keys.tokens < 0 ? k_.dim(1) : keys.tokens;
  options_.scale = scale_;
  options_.mask = std::allocate_shared<AttentionMask>(
      CacheAllocator<AttentionMask>(), pattern, batch, queries, tokens);
  options_.bias_table = keys.bias;
  options_.reach = keys.reach;
  if (!pass.training()) return;
  options_.dropout = dropout;
  options_.random = pass.RandomAt(path, ".weights.dropout")
                        .Skip(pass.first_row() * heads_ * queries * tokens);
}

Tensor AttentionCall::HeadsFirst(const Tensor& x) const {
  const int64_t group = heads_ / x.dim(2);
  Tensor heads = Permute(x, {0, 2, 1, 3});  // [B, Hkv, T, D]
  if (group == 1) return heads;
  heads = Reshape(heads, {x.dim(0), x.dim(2), 1, x.dim(1), x.dim(3)});
  heads = Expand(heads, {x.dim(0), x.dim(2), group, x.dim(1), x.dim(3)});
  return Reshape(heads, {x.dim(0), heads_, x.dim(1), x.dim(3)});  // [B,H,T,D]
}

Tensor AttentionCall::Known(const Tensor& x) const {
  const int64_t tokens = options_.mask->keys();
  return x.dim(1) == tokens ? x : Slice(x, 1, 0, tokens);
}

const Tensor& AttentionCall::q() const {
  if (!q_heads_.defined()) q_heads_ = HeadsFirst(q_);
  return q_heads_;
}

const Tensor& AttentionCall::k() const {
  if (!k_heads_.defined()) k_heads_ = HeadsFirst(Known(k_));
  return k_heads_;
}

const Tensor& AttentionCall::v() const {
  if (!v_heads_.defined()) v_heads_ = HeadsFirst(Known(v_));
  return v_heads_;
}

Tensor AttentionCall::MaskedSoftmax(const Tensor& scores) const {
  return archlab::MaskedSoftmax(scores, options_);
}

Tensor AttentionCall::Mask(const Tensor& scores, double value) const {
  return MaskScores(scores, *options_.mask, value);
}

Tensor AttentionCall::Tiled() const {
  return Permute(TiledAttention(q_, k_, v_, options_),  // [B, Tq, H, D]
                 {0, 2, 1, 3});                         // [B, H, Tq, D]
}

AttentionCall::AttentionCall(const AttentionCall& call, Tensor v,
                             ForwardContext& context)
    : x_(call.x_),
      q_(Wide(call.q_)),
      k_(Wide(call.k_)),
      v_(std::move(v)),
      core_(call.core_),
      context_(context),
      watched_(nullptr),
      heads_(call.heads_),
      options_(call.options_) {
  scale_ = call.scale_;
}

Tensor AttentionCall::Attend() const {
  const Tensor y = core_.Attend(*this);  // [B, H, Tq, D]
  if (!y.defined()) return TiledAttention(q_, k_, v_, options_);
  ARCHLAB_CHECK_EQ(y.shape(), Shape({q_.dim(0), heads_, q_.dim(1), q_.dim(3)}))
      << "what Attend returns, [B, H, Tq, D]";
  return Permute(y, {0, 2, 1, 3});  // [B, Tq, H, D]
}

Tensor AttentionCall::Weights(const Tensor& y) const {
  return AttentionWeights(*watched_, v_, y,
                          [this](const Tensor& v, ForwardContext& context) {
                            return AttentionCall(*this, v, context).Attend();
                          });
}

Tensor AttentionCall::Run() const {
  const Tensor y = Attend();  // [B, Tq, H, D]
  if (watched_ != nullptr) watched_->attention_observer()(path_, Weights(y));
  return Reshape(y, {q_.dim(0), q_.dim(1), heads_ * q_.dim(3)});
}

}  // namespace archlab
