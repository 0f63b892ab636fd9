// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Collecting what a run folder holds into a StudyRun.

#ifndef ARCHLAB_COLLECT_H_
#define ARCHLAB_COLLECT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/study.pb.h"
#include "study/results.h"

namespace archlab {

// What the validation part's samples came to, in their order.
struct SampleLosses {
  std::vector<double> nats, tokens;
};

// Fills state, numbers and series of `run` from run.folder. Where the folder is
// not there, or cannot be read, run.error says so.
void CollectRun(spec::Metric metric, StudyRun* run);

// Losses of the samples and by position, from the details file that `archlab
// eval --details` wrote; false where there is none.
bool CollectDetails(const std::string& file, SampleLosses* samples,
                    std::vector<PositionLoss>* positions);

// Files in a run's folder. `key`: of the study's own evaluation set; empty: the
// run's own.
std::string DetailsFile(const std::string& run, const std::string& key = "");
std::string SampleFile(const std::string& run);

}  // namespace archlab

#endif  // ARCHLAB_COLLECT_H_
