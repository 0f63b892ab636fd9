// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// AdamWStep: Adam with decoupled weight decay for one tensor, for an optimizer
// that takes it for all tensors or for those that suit it. Source:
// arXiv:1711.05101, algorithm 2, with the schedule's learning rate in front of
// the decay too, as is common.

#ifndef ARCHLAB_ADAMW_STEP_H_
#define ARCHLAB_ADAMW_STEP_H_

#include <cmath>
#include <cstdint>

#include "archlab/optimizer.h"

namespace archlab {
namespace internal {

// Constants of one step for one tensor.
struct AdamWRates {
  float beta1, beta2;
  float step;  // learning rate over the first bias correction
  float root;  // 1 / square root of the second bias correction
  float epsilon;
  float keep;  // what decay leaves of a weight
};

// One chunk, n elements. No aliases, no branches: the compiler vectorises it.
inline void AdamWUpdate(const AdamWRates& r, int64_t n,
                        const float* __restrict g, float* __restrict m,
                        float* __restrict v, float* __restrict w) {
  for (int64_t i = 0; i < n; ++i) {
    m[i] = r.beta1 * m[i] + (1 - r.beta1) * g[i];
    v[i] = r.beta2 * v[i] + (1 - r.beta2) * g[i] * g[i];
    w[i] =
        r.keep * w[i] - r.step * m[i] / (std::sqrt(v[i]) * r.root + r.epsilon);
  }
}

}  // namespace internal

// Step `step` (from 1) of a tensor with two slots of state: the running means
// of gradients and of their squares. The config has the fields beta1, beta2,
// epsilon and weight_decay.
template <class Config>
void AdamWStep(const Config& config, int64_t step, double learning_rate,
               OptimizerTensor& t) {
  constexpr int64_t kGrain = 16384;  // elements of a chunk
  const double first = 1 - std::pow(config.beta1(), step);
  const double second = 1 - std::pow(config.beta2(), step);
  const double decay = t.decay ? config.weight_decay() : 0;
  const internal::AdamWRates rates = {.beta1 = float(config.beta1()),
                                      .beta2 = float(config.beta2()),
                                      .step = float(learning_rate / first),
                                      .root = float(1 / std::sqrt(second)),
                                      .epsilon = float(config.epsilon()),
                                      .keep = float(1 - learning_rate * decay)};
  ParallelFor(t.value.size(), kGrain, [&](int64_t begin, int64_t end) {
    internal::AdamWUpdate(rates, end - begin, t.gradient.data() + begin,
                          t.state[0].data() + begin, t.state[1].data() + begin,
                          t.value.data() + begin);
  });
}

}  // namespace archlab

#endif  // ARCHLAB_ADAMW_STEP_H_
