// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Adam with decoupled weight decay, for all tensors.

#include "adamw.pb.h"
#include "archlab/adamw_step.h"

namespace archlab {

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
    AdamWStep(config_, step, learning_rate, tensors);
  }

 private:
  const Config config_;
};

ARCHLAB_PLUGIN(AdamW)

}  // namespace archlab
