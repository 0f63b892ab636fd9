// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Running a study: its stages (tuning, pilot, looks, the rest), each a set of
// runs; what is there already is kept, what is half done goes on.

#ifndef ARCHLAB_STUDY_H_
#define ARCHLAB_STUDY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "study/plan.h"
#include "study/results.h"
#include "study/study_folder.h"

namespace archlab {

struct StudyOptions {
  int jobs = 1;  // runs side by side
  // Runs that another build made are taken, and marked.
  bool accept_build = false;
  // Before each command of a run: --plugin-path and the like.
  std::vector<std::string> plugin_options;
  std::string command;  // that runs the study again, for the report
  std::string archlab_version;
};

// Where one run stands.
struct RunStatus {
  enum State { kWaiting, kRunning, kDone, kKept, kFailed, kStopped };
  std::string arm;
  int64_t seed = 0;
  State state = kWaiting;
  int64_t step = 0, steps = 0;
  double cost = 1;    // operations of the whole run, to weigh progress by
  std::string stage;  // "tuning 1e-3", "pilot"; "" of the comparison itself
  std::string error;
};

// Is told how the study goes; several times a second.
class StudyDisplay {
 public:
  virtual ~StudyDisplay() = default;
  virtual void Say(const std::string& line) = 0;
  virtual void Warn(const std::string& line) = 0;
  // `results`: of the runs that are done.
  virtual void Show(const std::vector<RunStatus>& runs,
                    const StudyResults& results) = 0;
};

struct StudyOutcome {
  StudyResults results;
  bool interrupted = false;
  int failed = 0;  // runs
};

// Runs what is missing and analyses all. A run that fails does not stop the
// others. The plan is completed: with what the grid chose.
absl::StatusOr<StudyOutcome> RunStudy(StudyPlan plan, StudyFolder* folder,
                                      const Catalogue& catalogue,
                                      const StudyOptions& options,
                                      StudyDisplay* display);

}  // namespace archlab

#endif  // ARCHLAB_STUDY_H_
