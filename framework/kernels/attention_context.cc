// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/attention_context.h"

#include <algorithm>
#include <array>

#include "kernels/attention_bias.h"
#include "kernels/elementwise.h"
#include "kernels/matmul.h"

namespace archlab {

AttentionContext::AttentionContext(const AttentionArgs<float>& args)
    : args(args),
      bias(args.bias == nullptr
               ? std::vector<float>()
               : ReversedRows(static_cast<const float*>(args.bias), args.heads,
                              2 * args.reach + 1)) {}

Strip AttentionContext::MakeStrip(int64_t b, int64_t index) const {
  const int64_t begin = index * kStripRows;
  return Strip(mask(), b, begin,
               std::min(kStripRows, mask().queries() - begin));
}

void AttentionContext::Scores(int64_t b, int64_t h, const Strip& strip,
                              float* scores) const {
  const float* q = args.q + QueryAt(b, strip.begin, h);
  for (const Strip::Run& run : strip.runs) {
    const float* k = args.k + KeyAt(b, run.key, h / args.group());
    StripProduct(strip.rows, run.count, args.dim, args.scale,
                 {q, query_stride()}, {k, key_stride(), true}, false,
                 scores + run.column, strip.stride());
  }
  if (bias.empty()) return;
  AddBias(mask(), b, strip, bias.data() + h * (2 * args.reach + 1), args.reach,
          scores);
}

void AttentionContext::DropoutFactors(int64_t b, int64_t h, const Strip& strip,
                                      float* factors) const {
  std::array<float, kTile> ones;
  ones.fill(1);
  for (int64_t i = 0; i < strip.rows; ++i) {
    const int64_t row =
        (b * args.heads + h) * mask().queries() + strip.begin + i;
    for (size_t t = 0; t < strip.tiles.size(); ++t) {
      if (strip.RowBits(i)[t] == 0) continue;
      const int64_t word = row * mask().keys() + strip.tiles[t] * kTile;
      DropoutForward<float>(ones.data(), args.dropout, args.random->Skip(word),
                            factors + i * strip.stride() + t * kTile, kTile);
    }
  }
}

void StripProduct(int64_t m, int64_t n, int64_t k, double alpha, Strided a,
                  Strided b, bool accumulate, float* c, int64_t c_stride) {
  MatMulShape shape;
  shape.m = m;
  shape.n = n;
  shape.k = k;
  shape.transpose_a = a.transposed;
  shape.transpose_b = b.transposed;
  shape.lda = a.stride;
  shape.ldb = b.stride;
  shape.ldc = c_stride;
  MatMulForward<float, float, float>(shape, alpha, a.data, b.data,
                                     accumulate ? 1 : 0, c);
}

}  // namespace archlab
