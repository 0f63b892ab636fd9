// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// For tests: results of a study that nobody made, with texts that try to break
// out of a page.

#ifndef ARCHLAB_MADE_UP_RESULTS_H_
#define ARCHLAB_MADE_UP_RESULTS_H_

#include "study/results.h"

namespace archlab::report {

inline constexpr char kHostile[] =
    "</script><img src=x onerror=\"alert('1')\"> | `a` \xff &amp; \"q\",";

// Four arms of five seeds: "baseline"; "rope", which is better; one that is
// named kHostile and inconclusive, whose last run failed; "masked", which
// stands apart. Each run has logged `steps` steps.
StudyResults MadeUpResults(int steps = 600);

}  // namespace archlab::report

#endif  // ARCHLAB_MADE_UP_RESULTS_H_
