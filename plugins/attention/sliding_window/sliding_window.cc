// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sliding-window attention: a query sees the keys less than `window` away,
// itself included. Source: Longformer, arXiv:2004.05150, section 3.1.

#include <cstdlib>

#include "archlab/attention.h"
#include "sliding_window.pb.h"

namespace archlab {

class SlidingWindow final : public Attention {
 public:
  using Config = attention::SlidingWindowConfig;
  SlidingWindow(const Config& config, const BuildContext&)
      : window_(config.window()) {}

  bool Sees(int64_t query, int64_t key) const override {
    return std::abs(query - key) < window_;
  }
  int64_t MaxDistance() const override { return window_ - 1; }

 private:
  const int64_t window_;  // tokens
};

ARCHLAB_PLUGIN(SlidingWindow)

}  // namespace archlab
