// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rows by index, and rotary embedding.

#ifndef ARCHLAB_GATHER_H_
#define ARCHLAB_GATHER_H_

#include <cstdint>

#include "kernels/types.h"

namespace archlab {

// y[i] = table[ids[i]]: table [rows, width], ids [n] in [0, rows) -> y
// [n, width].
template <class T>
void GatherRowsForward(const T* table, const int32_t* ids, T* y, int64_t n,
                       int64_t rows, int64_t width);
// dtable[ids[i]] += dy[i]; the caller zeroes dtable. Occurrences of a row are
// added in order of i. (T, G) is (T, T) or (BF16, float).
template <class T, class G>
void GatherRowsBackward(const T* dy, const int32_t* ids, G* dtable, int64_t n,
                        int64_t rows, int64_t width);

// What Rotary of ops.h does, for tokens = B T, heads, head_dim: x, y [tokens,
// heads, head_dim]; cosine, sine [P, pairs]; positions [tokens]. `inverse`
// turns the other way: the gradient.
template <class T>
void RotaryForward(const T* x, const Wide<T>* cosine, const Wide<T>* sine,
                   const int32_t* positions, T* y, int64_t tokens,
                   int64_t heads, int64_t head_dim, int64_t pairs,
                   bool interleaved, bool inverse);

}  // namespace archlab

#endif  // ARCHLAB_GATHER_H_
