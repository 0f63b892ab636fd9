// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Turning round.

#include <algorithm>
#include <vector>

#include "archlab/symbol_task.h"
#include "reverse.pb.h"

namespace archlab {

class Reverse final : public SymbolTask<Reverse, dataset::ReverseConfig> {
 public:
  using SymbolTask::SymbolTask;

 private:
  std::vector<int64_t> Answer(std::vector<int64_t> input) const override {
    std::reverse(input.begin(), input.end());
    return input;
  }
};

ARCHLAB_PLUGIN(Reverse)

}  // namespace archlab
