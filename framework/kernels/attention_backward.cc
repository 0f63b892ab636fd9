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
#include <functional>

#include "archlab/parallel_for.h"
#include "kernels/attention.h"
#include "kernels/attention_bias.h"
#include "kernels/attention_context.h"
#include "kernels/attention_products.h"
#include "kernels/attention_rows.h"

namespace archlab {
namespace {

// Inputs and results of T.
template <class T>
struct Gradient {
  const AttentionArgs<T>& args;
  const T* out;
  const float* lse;
  const T* d_out;
  T *d_q, *d_k, *d_v;
  float* d_bias;  // [B, heads, 2 reach + 1], reversed rows; or null
};

// Memory of a task. T: what is given; P: what is multiplied.
template <class T, class P>
struct BackwardScratch {
  explicit BackwardScratch(const AttentionContext& context)
      : dim(context.settings.dim),
        key_elements(PaddedRows<P>(context.mask().keys()) * dim),
        packed(kIsPacked<T, P>),
        k_rows(key_elements * packed),
        v_rows(key_elements * packed),
        d_k(key_elements),
        d_v(key_elements),
        q_rows(kPieceRows * dim * packed),
        d_out_rows(kPieceRows * dim * packed),
        d_q(kPieceRows * dim),
        scores(kPieceScores),
        d_probabilities(kPieceScores),
        probabilities(kPieceScores),
        d_scores(kPieceScores),
        factors(context.settings.dropout > 0 ? kPieceScores : 0) {}

  const int64_t dim, key_elements, packed;
  Scratch<P> k_rows, v_rows;      // [Tk, dim], where they are packed
  Scratch<float> d_k, d_v;        // [Tk, dim], d_k without the scale
  Scratch<P> q_rows, d_out_rows;  // [rows, dim], where they are packed
  HeadRows<P> k, v, q, d_out;
  Scratch<float> d_q;                      // [rows, dim], without the scale
  Scratch<float> scores, d_probabilities;  // [rows, columns], like the next
  Scratch<P> probabilities, d_scores;
  Scratch<float> factors;  // of dropout
  float delta[kPieceRows], scale[kPieceRows];
};

template <class T, class P>
void BackwardPiece(const AttentionContext& context, int64_t b, int64_t h,
                   const Strip& piece, const float* lse,
                   BackwardScratch<T, P>& scratch) {
  const int64_t dim = scratch.dim, key = piece.runs[0].key;
  const PieceShape shape = {piece.rows, piece.runs[0].count, piece.stride(),
                            dim};
  P *const p = scratch.probabilities.data(), *const ds =
                                                 scratch.d_scores.data();
  KeyProducts(shape, scratch.q, scratch.k.From(key), scratch.scores.data());
  KeyProducts(shape, scratch.d_out, scratch.v.From(key),
              scratch.d_probabilities.data());
  const float scale = context.AddBiasTo(b, h, piece, scratch.scores.data());
  const bool drops = context.settings.dropout > 0;
  if (drops) context.DropoutFactors(b, h, piece, scratch.factors.data());
  SoftmaxGradientRows(RowsOf(piece), scale,
                      drops ? scratch.factors.data() : nullptr, lse,
                      scratch.delta, scratch.scores.data(),
                      scratch.d_probabilities.data(), p, ds);
  PadRows(piece.rows, piece.stride(), p);
  PadRows(piece.rows, piece.stride(), ds);
  AddToKeys(shape, p, scratch.d_out, scratch.d_v.data() + key * dim);
  AddToKeys(shape, ds, scratch.q, scratch.d_k.data() + key * dim);
  AddToRows(shape, ds, scratch.k.From(key), scratch.d_q.data());
}

template <class T, class P>
void BackwardStrip(const AttentionContext& context, const Gradient<T>& gradient,
                   int64_t b, int64_t h, int64_t begin,
                   BackwardScratch<T, P>& scratch) {
  const int64_t rows = context.StripRowsAt(begin), dim = scratch.dim;
  const int64_t at = context.QueryAt(b, begin, h);
  const int64_t stride = context.query_stride();
  scratch.q = RowsToMultiply(rows, dim, gradient.args.q + at, stride,
                             scratch.q_rows.data());
  scratch.d_out = RowsToMultiply(rows, dim, gradient.d_out + at, stride,
                                 scratch.d_out_rows.data());
  std::fill_n(scratch.d_q.data(), PaddedRows<P>(rows) * dim, 0.0f);
  DotRows(rows, dim, stride, gradient.d_out + at, gradient.out + at,
          scratch.delta);
  ForPieces(context.mask(), b, begin, rows, [&](const Strip& piece) {
    BackwardPiece(context, b, h, piece,
                  gradient.lse + context.RowAt(b, begin, h), scratch);
    if (gradient.d_bias == nullptr) return;
    const int64_t width = 2 * context.settings.reach + 1;
    AddBiasGradient(context.mask(), b, piece, scratch.d_scores.data(),
                    context.settings.reach,
                    gradient.d_bias + (b * context.settings.heads + h) * width);
  });
  CopyRows(rows, dim, scratch.scale, scratch.d_q.data(), dim, gradient.d_q + at,
           stride);
}

template <class T, class P>
void BackwardHead(const AttentionContext& context, const Gradient<T>& gradient,
                  int64_t b, int64_t kv_head, BackwardScratch<T, P>& scratch) {
  const int64_t keys = context.mask().keys(), dim = scratch.dim;
  const int64_t at = context.KeyAt(b, 0, kv_head);
  const int64_t stride = context.key_stride();
  scratch.k = RowsToMultiply(keys, dim, gradient.args.k + at, stride,
                             scratch.k_rows.data());
  scratch.v = RowsToMultiply(keys, dim, gradient.args.v + at, stride,
                             scratch.v_rows.data());
  std::fill_n(scratch.d_k.data(), scratch.key_elements, 0.0f);
  std::fill_n(scratch.d_v.data(), scratch.key_elements, 0.0f);
  std::fill_n(scratch.scale, kPieceRows, float(context.settings.scale));
  const int64_t group = context.settings.group();
  for (int64_t g = 0; g < group; ++g) {
    for (int64_t s = 0; s < context.strips(); ++s) {
      BackwardStrip(context, gradient, b, kv_head * group + g,
                    s * context.strip_rows(), scratch);
    }
  }
  for (int64_t t = 0; t < keys; t += kPieceRows) {
    const int64_t rows = std::min(kPieceRows, keys - t);
    CopyRows(rows, dim, scratch.scale, scratch.d_k.data() + t * dim, dim,
             gradient.d_k + at + t * stride, stride);
  }
  CopyRows(keys, dim, nullptr, scratch.d_v.data(), dim, gradient.d_v + at,
           stride);
}

// Sums [B, heads, width] over B, and turns the rows the right way round.
void ReduceBias(const AttentionSettings& settings, const float* parts,
                float* d_bias) {
  const int64_t width = 2 * settings.reach + 1;
  std::fill(d_bias, d_bias + settings.heads * width, 0.0f);
  for (int64_t b = 0; b < settings.mask->batch(); ++b) {
    for (int64_t h = 0; h < settings.heads; ++h) {
      const float* part = parts + (b * settings.heads + h) * width;
      float* row = d_bias + h * width;
      for (int64_t i = 0; i < width; ++i) row[i] += part[width - 1 - i];
    }
  }
}

template <class P, class T>
void Backward(Gradient<T> gradient) {
  const AttentionArgs<T>& args = gradient.args;
  const AttentionContext context(args);
  float* const d_bias = gradient.d_bias;
  const int64_t entries =
      d_bias ? args.mask->batch() * args.heads * (2 * args.reach + 1) : 0;
  const Scratch<float> parts(entries);
  std::fill_n(parts.data(), entries, 0.0f);
  if (d_bias) gradient.d_bias = parts.data();
  const auto task = [&](int64_t index, int64_t) {
    BackwardScratch<T, P> scratch(context);
    BackwardHead(context, gradient, index / args.kv_heads,
                 index % args.kv_heads, scratch);
  };
  ParallelFor(args.mask->batch() * args.kv_heads, 1, std::ref(task));
  if (d_bias) ReduceBias(args, parts.data(), d_bias);
}

}  // namespace

template <>
void AttentionBackward(const AttentionArgs<float>& args, const float* out,
                       const float* lse, const float* d_out, float* d_q,
                       float* d_k, float* d_v, float* d_bias) {
  Backward<float, float>({args, out, lse, d_out, d_q, d_k, d_v, d_bias});
}

template <>
void AttentionBackward(const AttentionArgs<BF16>& args, const BF16* out,
                       const float* lse, const BF16* d_out, BF16* d_q,
                       BF16* d_k, BF16* d_v, float* d_bias) {
  const Gradient<BF16> gradient = {args, out, lse, d_out,
                                   d_q,  d_k, d_v, d_bias};
  MultipliesBf16(args.dim) ? Backward<BF16, BF16>(gradient)
                           : Backward<float, BF16>(gradient);
}

}  // namespace archlab
