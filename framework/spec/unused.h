// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Settings that would do nothing: who wrote them expects otherwise.

#ifndef ARCHLAB_UNUSED_H_
#define ARCHLAB_UNUSED_H_

#include "archlab/experiment.pb.h"
#include "spec/rules.h"

namespace archlab {

// Part of CheckRules.
void CheckUnused(const spec::Experiment& experiment, const ReportRule& report);

}  // namespace archlab

#endif  // ARCHLAB_UNUSED_H_
