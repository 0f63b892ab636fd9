// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention as its definition says, pair by pair: what f64 runs on, and what
// the tiled kernels are tested against. Arguments as in attention.h; the bias
// table has elements of type T.

#ifndef ARCHLAB_KERNELS_ATTENTION_REFERENCE_H_
#define ARCHLAB_KERNELS_ATTENTION_REFERENCE_H_

#include "kernels/attention.h"

namespace archlab {
namespace reference {

template <class T>
void AttentionForward(const AttentionArgs<T>& args, T* out, T* lse);

template <class T>
void AttentionBackward(const AttentionArgs<T>& args, const T* out, const T* lse,
                       const T* d_out, T* d_q, T* d_k, T* d_v, T* d_bias);

template <class T>
void MaskedSoftmaxForward(const AttentionArgs<T>& args, const T* scores,
                          T* probabilities, T* dropped);

}  // namespace reference

// The gradient of a bias table [heads, 2 reach + 1], overwritten, from that of
// biased scores [B, heads, Tq, Tk], which is 0 where the mask is.
template <class T>
void BiasTableGradient(const AttentionMask& mask, int64_t heads, int64_t reach,
                       const T* d_scores, T* d_bias);

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_ATTENTION_REFERENCE_H_
