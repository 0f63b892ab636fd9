// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Copying.

#include <vector>

#include "archlab/symbol_task.h"
#include "copy.pb.h"

namespace archlab {

class Copy final : public SymbolTask<Copy, dataset::CopyConfig> {
 public:
  using SymbolTask::SymbolTask;

 private:
  std::vector<int64_t> Answer(std::vector<int64_t> input) const override {
    return input;
  }
};

ARCHLAB_PLUGIN(Copy)

}  // namespace archlab
