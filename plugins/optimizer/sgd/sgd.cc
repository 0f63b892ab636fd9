// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Stochastic gradient descent with momentum: u = momentum u + g, w -= rate u;
// with Nesterov's, w -= rate (g + momentum u).
// Source: Sutskever et al., On the Importance of Initialization and Momentum in
// Deep Learning, ICML 2013; the rate stands in front of the velocity, so that a
// schedule acts at once.

#include "archlab/optimizer.h"
#include "sgd.pb.h"

namespace archlab {
namespace {

struct Rates {
  float rate, decay, momentum;
  float look_ahead;  // momentum with Nesterov's, else 0
};

void Plain(const Rates& r, int64_t n, const float* __restrict g,
           float* __restrict w) {
  for (int64_t i = 0; i < n; ++i) w[i] -= r.rate * (g[i] + r.decay * w[i]);
}

void WithMomentum(const Rates& r, int64_t n, const float* __restrict g,
                  float* __restrict u, float* __restrict w) {
  const float own = r.look_ahead > 0 ? 1 : 0;
  const float from_velocity = r.look_ahead > 0 ? r.look_ahead : 1;
  for (int64_t i = 0; i < n; ++i) {
    const float gradient = g[i] + r.decay * w[i];
    u[i] = r.momentum * u[i] + gradient;
    w[i] -= r.rate * (own * gradient + from_velocity * u[i]);
  }
}

}  // namespace

class Sgd final : public Optimizer {
 public:
  using Config = optimizer::SgdConfig;

  static absl::StatusOr<std::unique_ptr<Sgd>> Create(const Config& config,
                                                     const BuildContext&) {
    if (config.nesterov() && config.momentum() == 0)
      return FieldError({Config::kNesterovFieldNumber},
                        "needs momentum; set momentum, to 0.9 for example");
    return std::make_unique<Sgd>(config);
  }

  explicit Sgd(const Config& config) : config_(config) {}

  int StateSlots() const override { return config_.momentum() > 0 ? 1 : 0; }
  std::string StateName(int) const override { return "velocity"; }

  void Step(int64_t, double learning_rate,
            absl::Span<OptimizerTensor> tensors) const override {
    const float momentum = config_.momentum();
    ForAllElements(
        tensors, [&](OptimizerTensor& t, int64_t begin, int64_t end) {
          const Rates rates = {
              .rate = float(learning_rate),
              .decay = t.decay ? float(config_.weight_decay()) : 0.0f,
              .momentum = momentum,
              .look_ahead = config_.nesterov() ? momentum : 0.0f};
          const float* const g = t.gradient.data() + begin;
          float* const w = t.value.data() + begin;
          if (momentum > 0)
            WithMomentum(rates, end - begin, g, t.state[0].data() + begin, w);
          else
            Plain(rates, end - begin, g, w);
        });
  }

 private:
  const Config config_;
};

ARCHLAB_PLUGIN(Sgd)

}  // namespace archlab
