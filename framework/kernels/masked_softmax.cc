// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Masked softmax on given scores.

#include <algorithm>
#include <cstring>
#include <functional>

#include "archlab/parallel_for.h"
#include "kernels/attention.h"
#include "kernels/attention_bias.h"
#include "kernels/attention_context.h"
#include "kernels/attention_rows.h"

namespace archlab {
namespace {

// Scores of the largest strip, and as many dropout factors.
struct SoftmaxScratch {
  explicit SoftmaxScratch(const AttentionContext& context)
      : scores(context.strip_rows() * context.mask().key_tiles() * kTile),
        factors(context.settings.dropout > 0
                    ? context.strip_rows() * context.mask().key_tiles() * kTile
                    : 0) {}
  Scratch<float> scores, factors;
};

void MultiplyStrip(const Strip& strip, const float* factors, float* scores) {
  for (int64_t i = 0; i < strip.rows; ++i) {
    for (size_t t = 0; t < strip.tiles.size(); ++t) {
      if (strip.RowBits(i)[t] == 0) continue;
      const int64_t at = i * strip.stride() + t * kTile;
      for (int64_t j = 0; j < kTile; ++j) scores[at + j] *= factors[at + j];
    }
  }
}

// Softmax of one strip of given scores [B, H, Tq, Tk].
void SoftmaxStrip(const AttentionContext& context, int64_t b, int64_t h,
                  const Strip& strip, const SoftmaxScratch& scratch,
                  const float* scores, float* probabilities, float* dropped) {
  const int64_t keys = context.mask().keys();
  float lse[kPieceRows], inverse_sum[kPieceRows];
  float* values = scratch.scores.data();
  for (int64_t i = 0; i < strip.rows; ++i) {
    for (const Strip::Run& run : strip.runs) {
      std::memcpy(values + i * strip.stride() + run.column,
                  scores + i * keys + run.key, run.count * sizeof(float));
    }
  }
  SoftmaxRows(RowsOf(strip), context.AddBiasTo(b, h, strip, values), values,
              lse, inverse_sum);
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
  context.DropoutFactors(b, h, strip, scratch.factors.data());
  MultiplyStrip(strip, scratch.factors.data(), values);
  copy_to(dropped);
}

}  // namespace

void MaskedSoftmaxForward(const AttentionArgs<float>& args, const float* scores,
                          float* probabilities, float* dropped) {
  const AttentionContext context(args);
  const int64_t strips = context.strips();
  const auto task = [&](int64_t index, int64_t) {
    const SoftmaxScratch scratch(context);
    const int64_t row = index / strips, b = row / args.heads;
    const int64_t begin = index % strips * context.strip_rows();
    const Strip strip(context.mask(), b, begin, context.StripRowsAt(begin));
    const int64_t at = (row * args.mask->queries() + begin) * args.mask->keys();
    SoftmaxStrip(context, b, row % args.heads, strip, scratch, scores + at,
                 probabilities + at, dropped + at);
  };
  ParallelFor(args.mask->batch() * args.heads * strips, 1, std::ref(task));
}

}  // namespace archlab
