// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Forest plot: the differences from the baseline and their intervals, a line
// each, on one axis.

#ifndef ARCHLAB_FOREST_H_
#define ARCHLAB_FOREST_H_

#include <string>

#include "study/results.h"

namespace archlab::report {

// HTML with inline SVG, whose widths are shares of the page's; empty where
// there is no difference to show. Arms that stand apart are left out.
std::string ForestPlot(const StudyResults& results);

}  // namespace archlab::report

#endif  // ARCHLAB_FOREST_H_
