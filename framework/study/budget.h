// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Budgets: the value of one number of a spec with which an arm has as much of
// something as the baseline.

#ifndef ARCHLAB_BUDGET_H_
#define ARCHLAB_BUDGET_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archlab/study.pb.h"
#include "study/results.h"

namespace archlab {

// "training_flops", as reports name it.
std::string BudgetName(spec::BudgetKind kind);
double BudgetOf(const Budgets& budgets, spec::BudgetKind kind);

// What there is with a value; an error where no model can have it (a width that
// the heads do not divide).
using BudgetAt = std::function<absl::StatusOr<double>(int64_t value)>;

struct SolvedBudget {
  int64_t value = 0;
  double found = 0;
};
// The multiple of `multiple_of` with which `at` comes nearest to `wanted`; it
// must grow with the value. NotFound where nothing is within `tolerance`, with
// the nearest below and above.
absl::StatusOr<SolvedBudget> SolveBudget(double wanted, int64_t multiple_of,
                                         double tolerance, const BudgetAt& at);

}  // namespace archlab

#endif  // ARCHLAB_BUDGET_H_
