// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Products of a few rows with a weight, as in decoding: limited by reading the
// weight, which matrix libraries do at half the speed of memory.

#ifndef ARCHLAB_GEMV_H_
#define ARCHLAB_GEMV_H_

#include <cstdint>

#include "archlab/tensor.h"

namespace archlab {

// y [m, n] = alpha x [m, k] weight [n, k]^T + bias [n].
template <class T, class Y>
struct GemvArgs {
  int64_t m, n, k;
  float alpha;
  const T* x;
  int64_t ldx;
  const T* weight;
  int64_t ldw;
  const float* bias;  // or nullptr
  Y* y;
  int64_t ldy;
};

// (T, Y) is (float, float), (BF16, BF16) or (BF16, float). The result does not
// depend on the number of threads.
template <class T, class Y>
void RunGemv(const GemvArgs<T, Y>& args);

}  // namespace archlab

#endif  // ARCHLAB_GEMV_H_
