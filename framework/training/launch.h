// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Launching: from what a user asked for to a run that is trained.

#ifndef ARCHLAB_LAUNCH_H_
#define ARCHLAB_LAUNCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/model.pb.h"
#include "registry/catalogue.h"
#include "training/progress.h"
#include "training/trainer.h"

namespace archlab {

struct TrainRequest {
  std::string spec_file;               // empty: resume `run_path` alone
  std::vector<std::string> overrides;  // of the spec, "path = value"
  std::string run_path;                // empty: RunFolder::DefaultPath
  bool resume = false;     // go on where `run_path` is a run already
  int64_t from_step = -1;  // resume from this checkpoint; later ones go. Needs
                           // `resume` and a run that is there
};

// Whether a model of the spec writes text.
bool Generates(const spec::Model& model);

// Trains a new run, or goes on with one. A run that is done is left alone: the
// summary says what it found then. The user's mistakes are InvalidArgument,
// NotFound, AlreadyExists or FailedPrecondition.
absl::StatusOr<TrainingSummary> Train(const TrainRequest& request,
                                      const Catalogue& catalogue,
                                      Progress* progress);

}  // namespace archlab

#endif  // ARCHLAB_LAUNCH_H_
