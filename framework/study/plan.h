// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Plan: the arms of a study resolved, solved for its budget, and checked to
// differ in what was asked for and in nothing else.

#ifndef ARCHLAB_PLAN_H_
#define ARCHLAB_PLAN_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/run.pb.h"
#include "registry/catalogue.h"
#include "spec/spec.h"
#include "study/comparable.h"
#include "study/measure.h"
#include "study/results.h"
#include "study/study_file.h"

namespace archlab {

struct PlannedArm {
  std::string name, description;
  std::vector<int> levels;             // see ArmDraft
  std::vector<std::string> overrides;  // of the base experiment, all of them
  std::string solved;  // the one among them that matches the budget, or empty
  std::string chosen;  // the one that the grid chose, or empty
  std::vector<FieldDifference> differences;  // from the baseline
  std::string resolved;
  Budgets budgets;  // counted; seconds of a trial where it was measured
  DataFacts data;
  int64_t steps = 0;
  bool generates = false;
  Yardstick yardstick;
  // Not empty: may not be compared with the baseline, because.
  std::string apart;
  // Components whose plugin came from elsewhere than archlab itself: no
  // contract suite is known to have passed.
  std::vector<std::string> uncertified;
  // Of its runs, but for the seed's hash of the spec.
  RunIdentity identity;
};

struct StudyPlan {
  StudyFile file;
  std::vector<PlannedArm> arms;
  // Of the study's own evaluation set; empty: it has none.
  std::string evaluation_sha256;
  std::vector<std::string> warnings;
  // What was decided on the way, for the report.
  std::vector<std::pair<std::string, std::string>> facts;

  const spec::Study& study() const { return file.study; }
};

// Loads the spec of an arm, with `extra` overrides behind its own. Errors name
// the study's file and the arm.
absl::StatusOr<Spec> LoadArm(const StudyFile& file, const PlannedArm& arm,
                             const std::vector<std::string>& extra,
                             const Catalogue& catalogue);

// Resolves every arm. `solved`: what an earlier call found, which is kept and
// added to. InvalidArgument where an arm cannot be, no value matches the
// budget, or arms differ in a field that nothing explains.
absl::StatusOr<StudyPlan> MakePlan(const StudyFile& file,
                                   const Catalogue& catalogue,
                                   spec::BudgetPlan* solved);

// Fills what follows from the overrides again, after they have changed.
absl::Status ResolveArm(const StudyFile& file, const Catalogue& catalogue,
                        DataReader* reader, PlannedArm* arm);

// What differs between the baseline and an arm, each with what explains it; an
// error where nothing does.
absl::Status FillDifferences(const PlannedArm& baseline, PlannedArm* arm);

// The seeds of an arm's first `count` trainings; those of its tuning and
// of its pilot, which are others.
std::vector<int64_t> SeedsOf(const StudyPlan& plan, int arm, int count);
std::vector<int64_t> TuningSeeds(const StudyPlan& plan, int arm);
std::vector<int64_t> PilotSeeds(const StudyPlan& plan, int arm);

}  // namespace archlab

#endif  // ARCHLAB_PLAN_H_
