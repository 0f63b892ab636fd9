// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Analysis: from the numbers of the runs to estimates, differences, verdicts.

#ifndef ARCHLAB_ANALYZE_H_
#define ARCHLAB_ANALYZE_H_

#include <map>
#include <string>
#include <vector>

#include "study/results.h"

namespace archlab {

struct AnalysisPlan {
  double alpha = 0.05;
  // Of arms that were looked at several times: what the look at which they
  // stopped may spend of alpha (SpendAlpha); others have all of it.
  std::map<std::string, double> spent;
  // Levels of each arm's factors, for interactions; empty: none.
  std::vector<std::vector<int>> levels;
  std::vector<std::string> factors;
  std::vector<std::vector<std::string>> level_names;  // of each factor
};

// Fills estimates, differences, verdicts, interactions and the sentence of
// `results` from results->runs, whose arms are named in results->arms. Only
// seeds that are done in both arms are compared; arms that stand apart are not,
// and nothing is concluded of an arm of which a seed failed: what is left of it
// is no fair sample.
// The family of Holm's correction is the arms that are compared.
void Analyze(const AnalysisPlan& plan, StudyResults* results);

// "better", "identical".
std::string VerdictName(Verdict verdict);

}  // namespace archlab

#endif  // ARCHLAB_ANALYZE_H_
