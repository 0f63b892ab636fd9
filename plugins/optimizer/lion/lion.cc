// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Lion: the sign of an average of momentum and gradient.
// Source: arXiv:2302.06675, algorithm 2.

#include "archlab/optimizer.h"
#include "lion.pb.h"

namespace archlab {
namespace {

struct Rates {
  float beta1, beta2;
  float rate;
  float keep;  // what decay leaves of a weight
};

// One chunk, n elements. No aliases, no branches: the compiler vectorises it.
void Update(const Rates& r, int64_t n, const float* __restrict g,
            float* __restrict m, float* __restrict w) {
  for (int64_t i = 0; i < n; ++i) {
    const float mix = r.beta1 * m[i] + (1 - r.beta1) * g[i];
    const float sign = float(mix > 0) - float(mix < 0);
    w[i] = r.keep * w[i] - r.rate * sign;
    m[i] = r.beta2 * m[i] + (1 - r.beta2) * g[i];
  }
}

}  // namespace

class Lion final : public Optimizer {
 public:
  using Config = optimizer::LionConfig;
  Lion(const Config& config, const BuildContext&) : config_(config) {}

  int StateSlots() const override { return 1; }
  std::string StateName(int) const override { return "momentum"; }

  void Step(int64_t, double learning_rate,
            absl::Span<OptimizerTensor> tensors) const override {
    ForAllElements(
        tensors, [&](OptimizerTensor& t, int64_t begin, int64_t end) {
          const double decay = t.decay ? config_.weight_decay() : 0;
          const Rates rates = {.beta1 = float(config_.beta1()),
                               .beta2 = float(config_.beta2()),
                               .rate = float(learning_rate),
                               .keep = float(1 - learning_rate * decay)};
          Update(rates, end - begin, t.gradient.data() + begin,
                 t.state[0].data() + begin, t.value.data() + begin);
        });
  }

 private:
  const Config config_;
};

ARCHLAB_PLUGIN(Lion)

}  // namespace archlab
