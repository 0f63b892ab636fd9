// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Comparing runs that no study made.

#ifndef ARCHLAB_COMPARE_RUNS_H_
#define ARCHLAB_COMPARE_RUNS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/study.pb.h"
#include "registry/catalogue.h"
#include "study/results.h"

namespace archlab {

struct CompareRequest {
  std::vector<std::string> runs;       // folders
  std::optional<spec::Metric> metric;  // absent: accuracy where all have it,
                                       // else the validation loss
  double alpha = 0.05;
  double margin = 0;
  std::string archlab_version;
};

// Runs that differ in nothing but the seed are one arm; the first run's arm is
// the baseline. A single arm is reported by itself. Paired where all arms have
// the same seeds. InvalidArgument where a folder is given twice, is no run, or
// is not done.
absl::StatusOr<StudyResults> CompareRuns(const CompareRequest& request,
                                         const Catalogue& catalogue);

}  // namespace archlab

#endif  // ARCHLAB_COMPARE_RUNS_H_
