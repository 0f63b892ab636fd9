// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rules: what only several fields together can tell, as far as it needs no
// plugin code: shapes that do not divide, stacks that traits forbid.

#ifndef ARCHLAB_RULES_H_
#define ARCHLAB_RULES_H_

#include <functional>
#include <string>

#include "archlab/experiment.pb.h"
#include "spec/component_facts.h"

namespace archlab {

// Called with the path of a field and what is wrong there.
using ReportRule =
    std::function<void(const std::string& path, const std::string& message)>;

// Checks an experiment that the binder has filled. Fields that had an error are
// unset there; a rule that needs one is silent.
void CheckRules(const spec::Experiment& experiment, const ComponentFacts& facts,
                const ReportRule& report);

}  // namespace archlab

#endif  // ARCHLAB_RULES_H_
