// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A study file, read and checked.

#ifndef ARCHLAB_STUDY_FILE_H_
#define ARCHLAB_STUDY_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/study.pb.h"
#include "registry/catalogue.h"

namespace archlab {

struct StudyFile {
  std::string file;  // as the user wrote it
  spec::Study study;
  std::string base_file;  // the experiment's
  // Overrides of the experiment in every arm: those of the study, then the
  // user's.
  std::vector<std::string> set;
};

// Reads a study. An override whose path begins with data, model, training or
// generation is one of the experiment in every arm; others change the study.
// Every error names file:line:col with a caret.
absl::StatusOr<StudyFile> LoadStudy(const std::string& file,
                                    const std::vector<std::string>& overrides,
                                    const Catalogue& catalogue);

// An arm before it is resolved.
struct ArmDraft {
  std::string name, description;
  std::vector<std::string> set;
  // Level of each factor of the study; empty where it is none of theirs.
  std::vector<int> levels;
};

// The arms of a study, the baseline first: those that are written, or those
// that the factors make, named "position=rope" or "position=rope,norm=post".
std::vector<ArmDraft> ArmsOf(const spec::Study& study);

}  // namespace archlab

#endif  // ARCHLAB_STUDY_FILE_H_
