// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The forward pass of tiled attention. A task owns some strips of the query
// heads that share a key head, whose keys and values it packs once.

#include "kernels/attention.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <type_traits>

#include "archlab/parallel_for.h"
#include "kernels/attention_context.h"
#include "kernels/attention_products.h"
#include "kernels/attention_rows.h"

namespace archlab {
namespace {

// At least so many tasks, so that the threads of a machine have equal shares
// even of few heads.
constexpr int64_t kLeastTasks = 8;

// Memory of a task. T: what is given; P: what is multiplied.
template <class T, class P>
struct ForwardScratch {
  explicit ForwardScratch(const AttentionContext& context)
      : dim(context.settings.dim),
        packed(kIsPacked<T, P> ? dim : 0),
        k_rows(PaddedRows<P>(context.mask().keys()) * packed),
        v_rows(PaddedRows<P>(context.mask().keys()) * packed),
        q_rows(kPieceRows * packed),
        sums(kPieceRows * dim),
        scores(kPieceScores),
        exponentials(kPieceScores),
        factors(context.settings.dropout > 0 ? kPieceScores : 0) {}

  const int64_t dim, packed;
  Scratch<P> k_rows, v_rows;  // [Tk, dim], where they are packed
  Scratch<P> q_rows;          // [rows, dim]
  HeadRows<P> k, v, q;
  Scratch<float> sums;    // [rows, dim]
  Scratch<float> scores;  // [rows, columns], like the next two
  Scratch<P> exponentials;
  Scratch<float> factors;  // of dropout
  float top[kPieceRows], sum[kPieceRows], rescale[kPieceRows];
};

template <class T, class P>
void ForwardPiece(const AttentionContext& context, int64_t b, int64_t h,
                  const Strip& piece, ForwardScratch<T, P>& scratch) {
  const int64_t dim = scratch.dim, key = piece.runs[0].key;
  const PieceShape shape = {piece.rows, piece.runs[0].count, piece.stride(),
                            dim};
  KeyProducts(shape, scratch.q, scratch.k.From(key), scratch.scores.data());
  const float scale = context.AddBiasTo(b, h, piece, scratch.scores.data());
  const bool drops = context.settings.dropout > 0;
  if (drops) context.DropoutFactors(b, h, piece, scratch.factors.data());
  if (SoftmaxPiece(RowsOf(piece), scale,
                   drops ? scratch.factors.data() : nullptr,
                   scratch.scores.data(), scratch.exponentials.data(),
                   scratch.top, scratch.sum, scratch.rescale)) {
    ScaleRows(piece.rows, dim, dim, scratch.rescale, scratch.sums.data());
  }
  PadRows(piece.rows, piece.stride(), scratch.exponentials.data());
  AddToRows(shape, scratch.exponentials.data(), scratch.v.From(key),
            scratch.sums.data());
}

template <class T, class P>
void ForwardStrip(const AttentionContext& context, const AttentionArgs<T>& args,
                  int64_t b, int64_t h, int64_t begin,
                  ForwardScratch<T, P>& scratch, T* out, float* lse) {
  const int64_t rows = context.StripRowsAt(begin);
  const int64_t at = context.QueryAt(b, begin, h), dim = args.dim;
  const int64_t stride = context.query_stride();
  scratch.q =
      RowsToMultiply(rows, dim, args.q + at, stride, scratch.q_rows.data());
  std::fill_n(scratch.sums.data(), PaddedRows<P>(rows) * dim, 0.0f);
  std::fill_n(scratch.top, rows, -std::numeric_limits<float>::infinity());
  std::fill_n(scratch.sum, rows, 0.0f);
  ForPieces(context.mask(), b, begin, rows, [&](const Strip& piece) {
    ForwardPiece(context, b, h, piece, scratch);
  });
  FinishSoftmax(rows, scratch.top, scratch.sum);
  std::copy_n(scratch.top, rows, lse + context.RowAt(b, begin, h));
  CopyRows(rows, dim, scratch.sum, scratch.sums.data(), dim, out + at, stride);
}

template <class P, class T>
void Forward(const AttentionArgs<T>& args, T* out, float* lse) {
  const AttentionContext context(args);
  const AttentionMask& mask = *args.mask;
  const int64_t rows = mask.batch() * args.kv_heads;
  const int64_t strips = context.strips(), work = args.group() * strips;
  const int64_t parts =
      std::min(work, (kLeastTasks + rows - 1) / std::max<int64_t>(1, rows));
  const auto task = [&](int64_t index, int64_t) {
    const int64_t b = index / parts / args.kv_heads;
    const int64_t kv_head = index / parts % args.kv_heads;
    const int64_t part = index % parts, key = context.KeyAt(b, 0, kv_head);
    ForwardScratch<T, P> scratch(context);
    scratch.k = RowsToMultiply(mask.keys(), args.dim, args.k + key,
                               context.key_stride(), scratch.k_rows.data());
    scratch.v = RowsToMultiply(mask.keys(), args.dim, args.v + key,
                               context.key_stride(), scratch.v_rows.data());
    for (int64_t i = work * part / parts; i < work * (part + 1) / parts; ++i) {
      const int64_t strip = BalancedStrip(i % strips, strips);
      ForwardStrip(context, args, b, kv_head * args.group() + i / strips,
                   strip * context.strip_rows(), scratch, out, lse);
    }
  };
  ParallelFor(rows * parts, 1, std::ref(task));
}

}  // namespace

template <>
void AttentionForward(const AttentionArgs<float>& args, float* out,
                      float* lse) {
  Forward<float>(args, out, lse);
}

template <>
void AttentionForward(const AttentionArgs<BF16>& args, BF16* out, float* lse) {
  MultipliesBf16(args.dim) ? Forward<BF16>(args, out, lse)
                           : Forward<float>(args, out, lse);
}

}  // namespace archlab
