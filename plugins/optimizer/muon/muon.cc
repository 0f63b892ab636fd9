// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Muon: momentum with orthogonal steps for linear maps, AdamW for the rest.
// Source: Jordan et al., Muon: An optimizer for hidden layers in neural
// networks, 2024.

#include <algorithm>
#include <cmath>

#include "archlab/adamw_step.h"
#include "archlab/optimizer.h"
#include "archlab/tensor.h"
#include "muon.pb.h"
#include "orthogonalize.h"

namespace archlab {
namespace {

constexpr int64_t kGrain = 16384;  // elements of a chunk

// u = momentum u + g; d = u, or g + momentum u with Nesterov's.
void Accumulate(float momentum, bool nesterov, int64_t n,
                const float* __restrict g, float* __restrict u,
                float* __restrict d) {
  const float own = nesterov ? 1 : 0;
  const float from_sum = nesterov ? momentum : 1;
  for (int64_t i = 0; i < n; ++i) {
    u[i] = momentum * u[i] + g[i];
    d[i] = own * g[i] + from_sum * u[i];
  }
}

void Apply(float keep, float rate, int64_t n, const float* __restrict d,
           float* __restrict w) {
  for (int64_t i = 0; i < n; ++i) w[i] = keep * w[i] - rate * d[i];
}

}  // namespace

class Muon final : public Optimizer {
 public:
  using Config = optimizer::MuonConfig;
  Muon(const Config& config, const BuildContext&) : config_(config) {}

  // Linear maps leave the second slot at zero.
  int StateSlots() const override { return 2; }
  std::string StateName(int slot) const override {
    return slot == 0 ? "momentum" : "mean_square";
  }

  void Step(int64_t step, double learning_rate,
            absl::Span<OptimizerTensor> tensors) const override {
    for (OptimizerTensor& t : tensors) {
      if (t.matrix && t.shape.rank() >= 2)
        MatrixStep(learning_rate, t);
      else
        AdamWStep(config_.adamw(), step,
                  learning_rate * config_.adamw().learning_rate_ratio(), t);
    }
  }

 private:
  // Where a tensor has leading dimensions (experts), each of its matrices is
  // made orthogonal alone.
  void MatrixStep(double learning_rate, OptimizerTensor& t) const {
    const int64_t rows = t.shape[-2], columns = t.shape[-1];
    const int64_t size = rows * columns;
    const double scale = std::sqrt(std::max(1.0, double(rows) / columns));
    const double decay = t.decay ? config_.weight_decay() : 0;
    Tensor direction = Tensor::Empty({rows, columns}, DType::kF32);
    for (int64_t first = 0; first < t.shape.size(); first += size) {
      ParallelFor(size, kGrain, [&](int64_t begin, int64_t end) {
        const int64_t at = first + begin;
        Accumulate(config_.momentum(), config_.nesterov(), end - begin,
                   t.gradient.data() + at, t.state[0].data() + at,
                   direction.data<float>() + begin);
      });
      const Tensor update =
          Orthogonalize(direction, config_.iterations());  // [rows, columns]
      ParallelFor(size, kGrain, [&](int64_t begin, int64_t end) {
        Apply(1 - learning_rate * decay, learning_rate * scale, end - begin,
              update.data<float>() + begin, t.value.data() + first + begin);
      });
    }
  }

  const Config config_;
};

ARCHLAB_PLUGIN(Muon)

}  // namespace archlab
