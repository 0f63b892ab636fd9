// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Adam with decoupled weight decay.
// Source: arXiv:1711.05101, algorithm 2, with the schedule's learning rate in
// front of the decay too, as is common.

#include <cmath>

#include "adamw.pb.h"
#include "archlab/optimizer.h"

namespace archlab {
namespace {

constexpr int64_t kGrain = 16384;  // elements of a chunk

// Constants of one step for one tensor.
struct Rates {
  float beta1, beta2;
  float step;  // learning rate over the first bias correction
  float root;  // 1 / square root of the second bias correction
  float epsilon;
  float keep;  // what decay leaves of a weight
};

// One chunk, n elements. No aliases, no branches: the compiler vectorises it.
void Update(const Rates& r, int64_t n, const float* __restrict g,
            float* __restrict m, float* __restrict v, float* __restrict w) {
  for (int64_t i = 0; i < n; ++i) {
    m[i] = r.beta1 * m[i] + (1 - r.beta1) * g[i];
    v[i] = r.beta2 * v[i] + (1 - r.beta2) * g[i] * g[i];
    w[i] =
        r.keep * w[i] - r.step * m[i] / (std::sqrt(v[i]) * r.root + r.epsilon);
  }
}

}  // namespace

class AdamW final : public Optimizer {
 public:
  using Config = optimizer::AdamwConfig;
  AdamW(const Config& config, const BuildContext&) : config_(config) {}

  int StateSlots() const override { return 2; }
  std::string StateName(int slot) const override {
    return slot == 0 ? "m" : "v";
  }

  void Step(int64_t step, double learning_rate,
            absl::Span<OptimizerTensor> tensors) const override {
    const double first = 1 - std::pow(config_.beta1(), step);
    const double second = 1 - std::pow(config_.beta2(), step);
    for (OptimizerTensor& t : tensors) {
      const double decay = t.decay ? config_.weight_decay() : 0;
      const Rates rates = {.beta1 = float(config_.beta1()),
                           .beta2 = float(config_.beta2()),
                           .step = float(learning_rate / first),
                           .root = float(1 / std::sqrt(second)),
                           .epsilon = float(config_.epsilon()),
                           .keep = float(1 - learning_rate * decay)};
      ParallelFor(t.value.size(), kGrain, [&](int64_t begin, int64_t end) {
        Update(rates, end - begin, t.gradient.data() + begin,
               t.state[0].data() + begin, t.state[1].data() + begin,
               t.value.data() + begin);
      });
    }
  }

 private:
  const Config config_;
};

ARCHLAB_PLUGIN(AdamW)

}  // namespace archlab
