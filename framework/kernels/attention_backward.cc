// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The backward pass of tiled attention. A task owns one key and value head of
// one batch row: it walks over the group's query heads and their strips in
// order, so sums have a fixed order without locks or atomics. With
// S = scale Q K^T + bias, P = exp(S - lse), O = (P * F) V, F the dropout
// factors:
//   dV = (P * F)^T dO            dP = (dO V^T) * F
//   dS = P * (dP - rowsum(dO * O))
//   dQ = scale dS K              dK = scale dS^T Q

#include <algorithm>
#include <cstring>

#include "archlab/parallel_for.h"
#include "kernels/attention.h"
#include "kernels/attention_bias.h"
#include "kernels/attention_context.h"
#include "kernels/attention_rows.h"
#include "tensor/storage.h"

namespace archlab {
namespace {

struct Gradient {
  const float* out;
  const float* lse;
  const float* d_out;
  float* d_q;
  float* d_k;
  float* d_v;
  float* d_bias;  // [B, heads, 2 reach + 1], reversed rows; or null
};

// Probabilities, their gradients and dropout factors of the largest strip.
struct BackwardScratch {
  explicit BackwardScratch(const AttentionContext& context)
      : elements(kStripRows * context.mask().key_tiles() * kTile),
        memory((context.args.dropout > 0 ? 3 : 2) * elements * sizeof(float)) {}
  float* scores() { return static_cast<float*>(memory.data); }
  float* d_scores() { return scores() + elements; }
  float* factors() { return scores() + 2 * elements; }
  const int64_t elements;
  Storage memory;
};

// The strip's dropped probabilities and gradient of the scores, in scratch.
void RecomputeStrip(const AttentionContext& context, int64_t b, int64_t h,
                    const Strip& strip, const Gradient& gradient,
                    BackwardScratch& scratch) {
  const AttentionArgs<float>& args = context.args;
  const int64_t at = context.QueryAt(b, strip.begin, h);
  const int64_t stride = context.query_stride();
  context.Scores(b, h, strip, scratch.scores());
  for (const Strip::Run& run : strip.runs) {
    const float* v = args.v + context.KeyAt(b, run.key, h / args.group());
    StripProduct(strip.rows, run.count, args.dim, 1,
                 {gradient.d_out + at, stride}, {v, context.key_stride(), true},
                 false, scratch.d_scores() + run.column, strip.stride());
  }
  float delta[kStripRows];
  DotRows(strip.rows, args.dim, stride, gradient.d_out + at, gradient.out + at,
          delta);
  if (args.dropout > 0) {
    context.DropoutFactors(b, h, strip, scratch.factors());
  }
  const float* lse =
      gradient.lse + (b * args.heads + h) * args.mask->queries() + strip.begin;
  SoftmaxGradientRows({strip.rows, int64_t(strip.tiles.size()), strip.stride(),
                       strip.bits.data()},
                      args.dropout > 0 ? scratch.factors() : nullptr, lse,
                      delta, scratch.scores(), scratch.d_scores());
}

void BackwardStrip(const AttentionContext& context, int64_t b, int64_t h,
                   const Strip& strip, const Gradient& gradient,
                   BackwardScratch& scratch) {
  const AttentionArgs<float>& args = context.args;
  const int64_t at = context.QueryAt(b, strip.begin, h);
  const Strided q = {args.q + at, context.query_stride()};
  const Strided d_out = {gradient.d_out + at, context.query_stride()};
  const int64_t key_stride = context.key_stride();
  RecomputeStrip(context, b, h, strip, gradient, scratch);
  for (const Strip::Run& run : strip.runs) {
    const int64_t key = context.KeyAt(b, run.key, h / args.group());
    const float* p = scratch.scores() + run.column;
    const float* ds = scratch.d_scores() + run.column;
    StripProduct(run.count, args.dim, strip.rows, 1, {p, strip.stride(), true},
                 d_out, true, gradient.d_v + key, key_stride);
    StripProduct(run.count, args.dim, strip.rows, args.scale,
                 {ds, strip.stride(), true}, q, true, gradient.d_k + key,
                 key_stride);
    StripProduct(strip.rows, args.dim, run.count, args.scale,
                 {ds, strip.stride()}, {args.k + key, key_stride},
                 run.column > 0, gradient.d_q + at, context.query_stride());
  }
  if (strip.runs.empty()) {
    for (int64_t i = 0; i < strip.rows; ++i) {
      std::memset(gradient.d_q + at + i * context.query_stride(), 0,
                  args.dim * sizeof(float));
    }
  }
  if (gradient.d_bias != nullptr) {
    const int64_t width = 2 * args.reach + 1;
    AddBiasGradient(*args.mask, b, strip, scratch.d_scores(), args.reach,
                    gradient.d_bias + (b * args.heads + h) * width);
  }
}

void BackwardHead(const AttentionContext& context, int64_t b, int64_t kv_head,
                  const Gradient& gradient, BackwardScratch& scratch) {
  const AttentionArgs<float>& args = context.args;
  for (int64_t t = 0; t < args.mask->keys(); ++t) {
    const int64_t at = context.KeyAt(b, t, kv_head);
    std::memset(gradient.d_k + at, 0, args.dim * sizeof(float));
    std::memset(gradient.d_v + at, 0, args.dim * sizeof(float));
  }
  for (int64_t g = 0; g < args.group(); ++g) {
    for (int64_t s = 0; s < context.strips(); ++s) {
      BackwardStrip(context, b, kv_head * args.group() + g,
                    context.MakeStrip(b, s), gradient, scratch);
    }
  }
}

// Sums [B, heads, width] over B, and turns the rows the right way round.
void ReduceBias(const AttentionArgs<float>& args, const float* parts,
                float* d_bias) {
  const int64_t width = 2 * args.reach + 1;
  std::fill(d_bias, d_bias + args.heads * width, 0.0f);
  for (int64_t b = 0; b < args.mask->batch(); ++b) {
    for (int64_t h = 0; h < args.heads; ++h) {
      const float* part = parts + (b * args.heads + h) * width;
      float* row = d_bias + h * width;
      for (int64_t i = 0; i < width; ++i) row[i] += part[width - 1 - i];
    }
  }
}

}  // namespace

void AttentionBackward(const AttentionArgs<float>& args, const float* out,
                       const float* lse, const float* d_out, float* d_q,
                       float* d_k, float* d_v, float* d_bias) {
  const AttentionContext context(args);
  std::vector<float> parts;
  if (d_bias != nullptr) {
    parts.resize(args.mask->batch() * args.heads * (2 * args.reach + 1));
  }
  const Gradient gradient = {out,
                             lse,
                             d_out,
                             d_q,
                             d_k,
                             d_v,
                             d_bias != nullptr ? parts.data() : nullptr};
  ParallelFor(args.mask->batch() * args.kv_heads, 1,
              [&](int64_t begin, int64_t end) {
                BackwardScratch scratch(context);
                for (int64_t task = begin; task < end; ++task) {
                  BackwardHead(context, task / args.kv_heads,
                               task % args.kv_heads, gradient, scratch);
                }
              });
  if (d_bias != nullptr) ReduceBias(args, parts.data(), d_bias);
}

}  // namespace archlab
