// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What the forward and the backward pass of tiled attention share: where a head
// lies in memory, the scores of a strip, dropout, the order of strips.

#ifndef ARCHLAB_KERNELS_ATTENTION_CONTEXT_H_
#define ARCHLAB_KERNELS_ATTENTION_CONTEXT_H_

#include <cstdint>
#include <vector>

#include "kernels/attention.h"
#include "kernels/attention_strip.h"

namespace archlab {

// Queries of a strip. Two tiles were no faster (benchmarks/attention_bench.cc),
// and waste more of the diagonal of a causal mask.
constexpr int64_t kStripRows = kTile;

class AttentionContext {
 public:
  explicit AttentionContext(const AttentionArgs<float>& args);

  const AttentionMask& mask() const { return *args.mask; }
  int64_t strips() const {
    return (mask().queries() + kStripRows - 1) / kStripRows;
  }
  Strip MakeStrip(int64_t b, int64_t index) const;

  // Distance between a head's rows, and the element where row `t` of head `h`
  // (of the queries, or of the keys) starts.
  int64_t query_stride() const { return args.heads * args.dim; }
  int64_t key_stride() const { return args.kv_heads * args.dim; }
  int64_t QueryAt(int64_t b, int64_t t, int64_t h) const {
    return ((b * mask().queries() + t) * args.heads + h) * args.dim;
  }
  int64_t KeyAt(int64_t b, int64_t t, int64_t h) const {
    return ((b * mask().keys() + t) * args.kv_heads + h) * args.dim;
  }

  // Scaled scores with bias; columns of no key are left as they are.
  void Scores(int64_t b, int64_t h, const Strip& strip, float* scores) const;
  // What dropout multiplies probabilities with; only seen tiles are written.
  void DropoutFactors(int64_t b, int64_t h, const Strip& strip,
                      float* factors) const;

  const AttentionArgs<float>& args;
  const std::vector<float> bias;  // reversed rows, or empty
};

// c [m, n] (+)= alpha op(a) op(b), for the strided matrices of a strip.
struct Strided {
  const float* data;
  int64_t stride;
  bool transposed = false;
};
void StripProduct(int64_t m, int64_t n, int64_t k, double alpha, Strided a,
                  Strided b, bool accumulate, float* c, int64_t c_stride);

// Strip i of n in an order that puts long and short ones side by side, so that
// equal shares of a causal row cost the same.
inline int64_t BalancedStrip(int64_t i, int64_t n) {
  return i % 2 == 0 ? i / 2 : n - 1 - i / 2;
}

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_CONTEXT_H_
