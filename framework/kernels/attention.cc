// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The forward pass of tiled attention, and masked softmax on given scores.

#include "kernels/attention.h"

#include <algorithm>
#include <cstring>

#include "archlab/parallel_for.h"
#include "kernels/attention_bias.h"
#include "kernels/attention_context.h"
#include "kernels/attention_rows.h"
#include "tensor/storage.h"

namespace archlab {
namespace {

// Scores of the largest strip, and as many dropout factors.
struct ForwardScratch {
  explicit ForwardScratch(const AttentionContext& context)
      : elements(kStripRows * context.mask().key_tiles() * kTile),
        memory((context.args.dropout > 0 ? 2 : 1) * elements * sizeof(float)) {}
  float* scores() { return static_cast<float*>(memory.data); }
  float* factors() { return scores() + elements; }
  const int64_t elements;
  Storage memory;
};

MaskedRows RowsOf(const Strip& strip) {
  return {strip.rows, int64_t(strip.tiles.size()), strip.stride(),
          strip.bits.data()};
}

void MultiplyStrip(const Strip& strip, const float* factors, float* scores) {
  for (int64_t i = 0; i < strip.rows; ++i) {
    for (size_t t = 0; t < strip.tiles.size(); ++t) {
      if (strip.RowBits(i)[t] == 0) continue;
      const int64_t at = i * strip.stride() + t * kTile;
      for (int64_t j = 0; j < kTile; ++j) scores[at + j] *= factors[at + j];
    }
  }
}

void ForwardStrip(const AttentionContext& context, int64_t b, int64_t h,
                  const Strip& strip, ForwardScratch& scratch, float* out,
                  float* lse) {
  const AttentionArgs<float>& args = context.args;
  float inverse_sum[kStripRows];
  float* scores = scratch.scores();
  context.Scores(b, h, strip, scores);
  SoftmaxRows(RowsOf(strip), scores, lse, inverse_sum);
  if (args.dropout > 0) {
    context.DropoutFactors(b, h, strip, scratch.factors());
    MultiplyStrip(strip, scratch.factors(), scores);
  }
  for (const Strip::Run& run : strip.runs) {
    const float* v = args.v + context.KeyAt(b, run.key, h / args.group());
    StripProduct(strip.rows, args.dim, run.count, 1,
                 {scores + run.column, strip.stride()},
                 {v, context.key_stride()}, run.column > 0, out,
                 context.query_stride());
  }
  if (strip.runs.empty()) {
    for (int64_t i = 0; i < strip.rows; ++i) {
      std::memset(out + i * context.query_stride(), 0,
                  args.dim * sizeof(float));
    }
  }
  ScaleRows(strip.rows, args.dim, context.query_stride(), inverse_sum, out);
}

}  // namespace

void AttentionForward(const AttentionArgs<float>& args, float* out,
                      float* lse) {
  const AttentionContext context(args);
  const int64_t strips = context.strips();
  ParallelFor(args.mask->batch() * args.heads * strips, 1,
              [&](int64_t begin, int64_t end) {
                ForwardScratch scratch(context);
                for (int64_t task = begin; task < end; ++task) {
                  const int64_t row = task / strips, b = row / args.heads;
                  const int64_t h = row % args.heads;
                  const Strip strip = context.MakeStrip(
                      b, BalancedStrip(task % strips, strips));
                  ForwardStrip(context, b, h, strip, scratch,
                               out + context.QueryAt(b, strip.begin, h),
                               lse + row * args.mask->queries() + strip.begin);
                }
              });
}

namespace {

// Softmax of one strip of given scores [B, H, Tq, Tk].
void SoftmaxStrip(const AttentionContext& context, int64_t b, int64_t h,
                  const Strip& strip, ForwardScratch& scratch,
                  const float* scores, float* probabilities, float* dropped) {
  const AttentionArgs<float>& args = context.args;
  const int64_t keys = args.mask->keys();
  float lse[kStripRows], inverse_sum[kStripRows];
  float* values = scratch.scores();
  for (int64_t i = 0; i < strip.rows; ++i) {
    for (const Strip::Run& run : strip.runs) {
      const float* from = scores + i * keys + run.key;
      float* to = values + i * strip.stride() + run.column;
      for (int64_t j = 0; j < run.count; ++j) to[j] = args.scale * from[j];
    }
  }
  if (!context.bias.empty()) {
    AddBias(*args.mask, b, strip,
            context.bias.data() + h * (2 * args.reach + 1), args.reach, values);
  }
  SoftmaxRows(RowsOf(strip), values, lse, inverse_sum);
  ScaleRows(strip.rows, strip.stride(), strip.stride(), inverse_sum, values);
  const auto copy_to = [&](float* out) {
    std::fill_n(out, strip.rows * keys, 0.0f);
    for (int64_t i = 0; i < strip.rows; ++i) {
      for (const Strip::Run& run : strip.runs) {
        std::memcpy(out + i * keys + run.key,
                    values + i * strip.stride() + run.column,
                    run.count * sizeof(float));
      }
    }
  };
  copy_to(probabilities);
  if (dropped == probabilities) return;
  context.DropoutFactors(b, h, strip, scratch.factors());
  MultiplyStrip(strip, scratch.factors(), values);
  copy_to(dropped);
}

}  // namespace

void MaskedSoftmaxForward(const AttentionArgs<float>& args, const float* scores,
                          float* probabilities, float* dropped) {
  const AttentionContext context(args);
  const int64_t strips = context.strips();
  ParallelFor(args.mask->batch() * args.heads * strips, 1,
              [&](int64_t begin, int64_t end) {
                ForwardScratch scratch(context);
                for (int64_t task = begin; task < end; ++task) {
                  const int64_t row = task / strips, b = row / args.heads;
                  const Strip strip = context.MakeStrip(b, task % strips);
                  const int64_t at =
                      (row * args.mask->queries() + strip.begin) *
                      args.mask->keys();
                  SoftmaxStrip(context, b, row % args.heads, strip, scratch,
                               scores + at, probabilities + at, dropped + at);
                }
              });
}

}  // namespace archlab
