// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// One run of a study: its identity, its commands, what is there of it.

#ifndef ARCHLAB_STUDY_RUN_H_
#define ARCHLAB_STUDY_RUN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "study/plan.h"
#include "study/process_pool.h"
#include "study/study.h"
#include "study/study_folder.h"

namespace archlab {

struct StudyTask {
  int arm = 0;  // index in the plan
  int64_t seed = 0;
  std::vector<std::string> overrides;  // complete, the seed's included
  RunChoice choice;
  Job job;  // no commands: nothing is left to do
  RunStatus status;
};

// The task of an arm and seed. `extra`: overrides behind the arm's (a value of
// the grid). Only the comparison's own runs write samples and details.
absl::StatusOr<StudyTask> MakeTask(const StudyPlan& plan, int arm, int64_t seed,
                                   const std::vector<std::string>& extra,
                                   const std::string& stage,
                                   const StudyFolder& folder,
                                   const Catalogue& catalogue,
                                   const StudyOptions& options);

// "archlab train ... --run DIR", to paste into a shell.
std::string CommandLine(const StudyPlan& plan, const StudyTask& task,
                        const StudyOptions& options);

// What the run came to.
StudyRun ResultOf(const StudyPlan& plan, const StudyTask& task,
                  const StudyOptions& options);

// Tells the files of one evaluation set from those of another; empty: the
// study has none of its own.
std::string EvaluationKey(const StudyPlan& plan);

// Text for a shell: in quotes where it needs them.
std::string ShellQuoted(const std::string& text);

}  // namespace archlab

#endif  // ARCHLAB_STUDY_RUN_H_
