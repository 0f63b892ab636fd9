// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// AdamWStep: Adam with decoupled weight decay, for an optimizer that takes it
// for all tensors or for those that suit it. Source:
// arXiv:1711.05101, algorithm 2, with the schedule's learning rate in front of
// the decay too, as is common.

#ifndef ARCHLAB_ADAMW_STEP_H_
#define ARCHLAB_ADAMW_STEP_H_

#include <cmath>
#include <cstdint>

#include "archlab/adamw_update.h"
#include "archlab/optimizer.h"

namespace archlab {

// Step `step` (from 1) of tensors with two slots of state: the running means of
// gradients and of their squares. The config has the fields beta1, beta2,
// epsilon and weight_decay.
template <class Config>
void AdamWStep(const Config& config, int64_t step, double learning_rate,
               absl::Span<OptimizerTensor> tensors) {
  const double first = 1 - std::pow(config.beta1(), step);
  const double second = 1 - std::pow(config.beta2(), step);
  ForAllElements(tensors, [&](OptimizerTensor& t, int64_t begin, int64_t end) {
    const double decay = t.decay ? config.weight_decay() : 0;
    const AdamWRates rates = {.beta1 = float(config.beta1()),
                              .beta2 = float(config.beta2()),
                              .scaled_rate = float(learning_rate / first),
                              .inverse_root = float(1 / std::sqrt(second)),
                              .epsilon = float(config.epsilon()),
                              .keep = float(1 - learning_rate * decay)};
    AdamWUpdate(rates, end - begin, t.gradient.data() + begin,
                t.state[0].data() + begin, t.state[1].data() + begin,
                t.value.data() + begin);
  });
}

// The same for one tensor.
template <class Config>
void AdamWStep(const Config& config, int64_t step, double learning_rate,
               OptimizerTensor& t) {
  AdamWStep(config, step, learning_rate, absl::MakeSpan(&t, 1));
}

}  // namespace archlab

#endif  // ARCHLAB_ADAMW_STEP_H_
