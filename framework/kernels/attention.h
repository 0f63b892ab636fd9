// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention without a [Tq, Tk] matrix in memory, as in FlashAttention
// (arXiv:2205.14135): strips of queries against pieces of the key tiles they
// see, softmax with a running maximum, and in the backward pass the
// probabilities again from the saved log-sum-exp. Memory is linear in T.
// Everything is [B, T, H, D], so projections need no transposition; a task
// packs the heads it works on where it must. kv_heads divides heads: head h
// uses key and value head h / (heads / kv_heads), which is not repeated in
// memory.
//
// BF16 is multiplied as such where the CPU does that fast (HasFastBf16) and dim
// is a multiple of 32, else in float; scores, softmax and sums are float.
//
// Results do not depend on the number of threads.

#ifndef ARCHLAB_KERNELS_ATTENTION_H_
#define ARCHLAB_KERNELS_ATTENTION_H_

#include <cstdint>

#include "archlab/random.h"
#include "kernels/attention_mask.h"

namespace archlab {

// All but the data.
struct AttentionSettings {
  int64_t heads = 1, kv_heads = 1, dim = 1;
  double scale = 1;                     // of the scores
  const AttentionMask* mask = nullptr;  // says B, Tq and Tk
  // [heads, 2 reach + 1], in float where T is BF16; entry [h, reach + d] is
  // added to scaled scores of query - key = d. Null: no bias.
  const void* bias = nullptr;
  int64_t reach = 0;
  // Each probability is dropped with this one; element (b, h, i, j) of
  // [B, H, Tq, Tk] uses word random.position() + its index.
  double dropout = 0;
  const Random* random = nullptr;

  int64_t group() const { return heads / kv_heads; }
};

template <class T>
struct AttentionArgs : AttentionSettings {
  const T* q = nullptr;  // [B, Tq, heads, dim]
  const T* k = nullptr;  // [B, Tk, kv_heads, dim]
  const T* v = nullptr;  // [B, Tk, kv_heads, dim]
  // Tokens from a row of k and v to the next, Tk or more; AttentionDecode alone
  // knows more. 0: Tk.
  int64_t row_tokens = 0;
};

// out [B, Tq, heads, dim]; lse [B, heads, Tq], the log of the sum of
// exp(score), +inf for a query that sees nothing (whose output is 0). T is
// float or BF16.
template <class T>
void AttentionForward(const AttentionArgs<T>& args, T* out, float* lse);

// Overwrites d_q, d_k, d_v, and d_bias [heads, 2 reach + 1] if not null.
template <class T>
void AttentionBackward(const AttentionArgs<T>& args, const T* out,
                       const float* lse, const T* d_out, T* d_q, T* d_k, T* d_v,
                       float* d_bias);

// The forward pass for a few queries (decoding): no matrix products, bf16 keys
// and values read as they are. No dropout. T is float or BF16.
template <class T>
void AttentionDecode(const AttentionArgs<T>& args, T* out);
// Up to this many queries it is the faster one.
constexpr int64_t kDecodeQueries = 4;

// softmax(scale * scores + bias) over the allowed keys, then dropout, for
// scores [B, heads, Tq, Tk]; args.q, k, v, kv_heads and dim are not used.
// `probabilities` (before dropout) and `dropped` may be the same without
// dropout, and may not be `scores`.
void MaskedSoftmaxForward(const AttentionArgs<float>& args, const float* scores,
                          float* probabilities, float* dropped);

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_H_
