// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Keeps only the most likely token.

#include <limits>

#include "archlab/sampler.h"
#include "greedy.pb.h"

namespace archlab {

class Greedy final : public Sampler {
 public:
  using Config = sampler::GreedyConfig;
  Greedy(const Config&, const BuildContext&) {}

  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    size_t best = 0;
    for (size_t id = 1; id < logits.size(); ++id)
      if (logits[id] > logits[best]) best = id;
    for (size_t id = 0; id < logits.size(); ++id)
      if (id != best) logits[id] = -std::numeric_limits<double>::infinity();
  }
};

ARCHLAB_PLUGIN(Greedy)

}  // namespace archlab
