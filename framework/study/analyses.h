// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The record of a study's analyses: one that is repeated with more seeds until
// it pleases finds more than its alpha allows, and the reader must know.

#ifndef ARCHLAB_ANALYSES_H_
#define ARCHLAB_ANALYSES_H_

#include <string>

#include "absl/status/status.h"
#include "study/results.h"

namespace archlab {

// Adds what `results` were judged with to FOLDER/analyses.jsonl, where it
// differs from the last time, and to results->warnings what it was before.
absl::Status RecordAnalysis(const std::string& folder, StudyResults* results);

}  // namespace archlab

#endif  // ARCHLAB_ANALYSES_H_
