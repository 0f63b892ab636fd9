// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/budget.h"

#include <cmath>
#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/status.h"

namespace archlab {
namespace {

constexpr int64_t kMost = int64_t{1} << 40;
// How many values without a model may follow each other.
constexpr int kMostGaps = 64;

// `at`, each value once; values without a model are passed over downwards.
class Probe {
 public:
  Probe(const BudgetAt& at, int64_t multiple_of)
      : at_(at), multiple_of_(multiple_of) {}

  // The nearest value at or below `index` (in multiples) that has a model.
  std::optional<SolvedBudget> AtOrBelow(int64_t index) {
    for (int gap = 0; gap < kMostGaps && index - gap >= 1; ++gap)
      if (auto found = At(index - gap)) return found;
    return std::nullopt;
  }

  std::optional<SolvedBudget> At(int64_t index) {
    const auto known = known_.find(index);
    if (known != known_.end()) return known->second;
    const int64_t value = index * multiple_of_;
    const absl::StatusOr<double> found = at_(value);
    if (!found.ok()) last_error_ = found.status();
    return known_[index] = found.ok()
                               ? std::optional<SolvedBudget>({value, *found})
                               : std::nullopt;
  }

  const absl::Status& last_error() const { return last_error_; }

 private:
  const BudgetAt& at_;
  const int64_t multiple_of_;
  std::map<int64_t, std::optional<SolvedBudget>> known_;
  absl::Status last_error_;
};

double Distance(const SolvedBudget& solved, double wanted) {
  return std::abs(solved.found - wanted) / std::max(std::abs(wanted), 1e-300);
}

std::string Shown(const std::optional<SolvedBudget>& solved) {
  return solved ? absl::StrFormat("%d gives %.6g", solved->value, solved->found)
                : "none";
}

}  // namespace

std::string BudgetName(spec::BudgetKind kind) {
  return absl::AsciiStrToLower(spec::BudgetKind_Name(kind));
}

double BudgetOf(const Budgets& budgets, spec::BudgetKind kind) {
  switch (kind) {
    case spec::PARAMETERS:
      return budgets.parameters;
    case spec::ACTIVE_PARAMETERS:
      return budgets.active_parameters;
    case spec::TRAINING_FLOPS:
      return budgets.training_flops;
    case spec::WALL_CLOCK:
      return budgets.seconds;
    case spec::KV_CACHE_BYTES:
      return budgets.kv_cache_bytes;
    case spec::TRAINING_BYTES:
      return budgets.training_bytes;
  }
  return 0;
}

absl::StatusOr<SolvedBudget> SolveBudget(double wanted, int64_t multiple_of,
                                         double tolerance, const BudgetAt& at) {
  Probe probe(at, multiple_of);
  // Up by doubling until there is enough, or nothing more can be.
  int64_t low = 0, high = 1;
  const int64_t most = kMost / multiple_of;
  while (high < most) {
    const auto found = probe.AtOrBelow(high);
    // A run of values without a model ends the way up, once there was one.
    if (found && found->found >= wanted) break;
    if (!found && low > 0) break;
    if (found) low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    const auto found = probe.AtOrBelow(middle);
    (found && found->found >= wanted ? high : low) = middle;
  }
  const std::optional<SolvedBudget> below = probe.AtOrBelow(low);
  std::optional<SolvedBudget> above;
  for (int gap = 0; gap < kMostGaps && !above; ++gap)
    above = probe.At(high + gap);
  std::optional<SolvedBudget> best;
  for (const auto& each : {below, above})
    if (each && (!best || Distance(*each, wanted) < Distance(*best, wanted)))
      best = each;
  if (!best && !probe.last_error().ok()) return probe.last_error();
  if (!best || Distance(*best, wanted) > tolerance)
    return absl::NotFoundError(absl::StrFormat(
        "no value comes within %.3g %% of %.6g: below, %s; above, %s. Raise "
        "budget.tolerance, lower budget.multiple_of, or solve for another "
        "field",
        100 * tolerance, wanted, Shown(below), Shown(above)));
  return *best;
}

}  // namespace archlab
