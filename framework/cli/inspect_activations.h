// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab inspect RUN --activations.

#ifndef ARCHLAB_INSPECT_ACTIVATIONS_H_
#define ARCHLAB_INSPECT_ACTIVATIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/commands.h"

namespace archlab {

struct InspectActivationsOptions {
  std::string run, checkpoint;
  std::vector<std::string> overrides;
  int64_t batches = 4;  // of the validation part
  bool json = false;
};

absl::Status InspectActivations(const InspectActivationsOptions& options,
                                const CliContext& context);

}  // namespace archlab

#endif  // ARCHLAB_INSPECT_ACTIVATIONS_H_
