// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// From the runs of a study to its results: budgets, facts, warnings.

#ifndef ARCHLAB_DESCRIBE_H_
#define ARCHLAB_DESCRIBE_H_

#include <string>
#include <utility>
#include <vector>

#include "study/analyze.h"
#include "study/plan.h"
#include "study/study.h"

namespace archlab {

// The results of these runs, analysed. `alphas`: see AnalysisPlan::spent.
StudyResults DescribeStudy(const StudyPlan& plan, std::vector<StudyRun> runs,
                           const AnalysisPlan& analysis,
                           const StudyOptions& options);

// Adds what only whole results need: losses by position, the bootstrap over
// documents, samples, what was done.
void AddDetails(const StudyPlan& plan, const StudyOptions& options,
                StudyResults* results);

// Fills the means over an arm's runs, and warns of what the reader must know
// before he believes the table.
void FillMeasured(StudyResults* results);
void AddWarnings(StudyResults* results);

// Processor, memory, system, libraries of this machine.
std::vector<std::pair<std::string, std::string>> MachineFacts(
    const RunIdentity& identity, const std::string& archlab_version);

}  // namespace archlab

#endif  // ARCHLAB_DESCRIBE_H_
