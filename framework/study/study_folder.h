// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// StudyFolder: a study as files.
//
//   plan.textproto     BudgetPlan: budgets as they were solved
//   runs/              the runs, found again by their identity
//   logs/              what each run said
//   report.html  report.md  results.csv  results.jsonl  arms.jsonl
//   timings.jsonl
//   analyses.jsonl     what each analysis was judged with
//   lock               held by the process that runs the study

#ifndef ARCHLAB_STUDY_FOLDER_H_
#define ARCHLAB_STUDY_FOLDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archlab/run.pb.h"
#include "archlab/study.pb.h"
#include "training/folder_lock.h"

namespace archlab {

// A run that is there.
struct FoundRun {
  std::string path;
  Run run;
};

// What to do for a run of a study.
struct RunChoice {
  std::string path;  // of the run that is there, or of the new one
  bool done = false;
  bool there = false;
  // The run was made by another build; it was accepted.
  std::string accepted;
  // Why a run of the same spec that is there is not taken.
  std::string rejected;
};

class StudyFolder {
 public:
  // Makes the folder where it is missing, and holds its lock.
  static absl::StatusOr<StudyFolder> Open(const std::string& path);

  const std::string& path() const { return path_; }
  std::string log_file(const std::string& run) const;
  absl::StatusOr<spec::BudgetPlan> ReadPlan() const;
  absl::Status WritePlan(const spec::BudgetPlan& plan) const;

  // Looks at all runs again.
  void Scan();
  // Where the run of this identity is or will be. A run that another build of
  // archlab, other plugins, libraries or threads made is taken only where
  // `accept_build` says so.
  RunChoice Choose(const std::string& arm, int64_t seed,
                   const RunIdentity& identity, bool accept_build) const;

 private:
  StudyFolder(std::string path, FolderLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  FolderLock lock_;
  std::vector<FoundRun> runs_;
};

}  // namespace archlab

#endif  // ARCHLAB_STUDY_FOLDER_H_
