// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// AdamWUpdate: the arithmetic of adamw_step.h, in the vectors of the machine.

#ifndef ARCHLAB_ADAMW_UPDATE_H_
#define ARCHLAB_ADAMW_UPDATE_H_

#include <cstdint>

namespace archlab {

// Constants of one step for one tensor.
struct AdamWRates {
  float beta1, beta2;
  float scaled_rate;   // learning rate over the first bias correction
  float inverse_root;  // 1 / square root of the second bias correction
  float epsilon;
  float keep;  // what decay leaves of a weight
};

// n elements on the calling thread: gradient g, running means m and v of it and
// of its square, weight w. No two overlap.
void AdamWUpdate(const AdamWRates& rates, int64_t n, const float* g, float* m,
                 float* v, float* w);

}  // namespace archlab

#endif  // ARCHLAB_ADAMW_UPDATE_H_
