// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The numbers of a report's curves.

#ifndef ARCHLAB_CURVES_H_
#define ARCHLAB_CURVES_H_

#include <string>

#include "study/results.h"

namespace archlab::report {

// The data block of report.js, JSON that may stand within <script>:
//   {"names": ["loss", ...],
//    "arms": [{"name", "apart": false, "runs": 5,
//              "per_step": {"tokens", "flops", "seconds"},  // 0: not known
//              "series": {"loss": {"x": [step, ...], "y": [mean over seeds],
//                                  "low": [], "high": []}},  // of the seeds
//              "positions": [{"tokens", "trained", "x": [], "y": []}]}]}
// Curves are of finished runs, or, where an arm has none, of those it has. A
// long one is cut into at most 400 stretches, each with its means; components'
// logs into fewer when there are very many. Numbers have five digits.
std::string CurveData(const StudyResults& results);

}  // namespace archlab::report

#endif  // ARCHLAB_CURVES_H_
