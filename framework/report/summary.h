// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What a report says, in words and tables, before it is HTML or Markdown. All
// text is as it came: whoever prints it escapes it.

#ifndef ARCHLAB_SUMMARY_H_
#define ARCHLAB_SUMMARY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "study/results.h"

namespace archlab::report {

struct Cell {
  std::string text;
  std::string note = {};  // smaller, below; may be empty
  std::string kind = {};  // a verdict's name, where the cell is one
};

struct Column {
  std::string head;
  std::string note = {};
  bool number = true;   // aligned to the right
  bool marked = false;  // the budget that was matched
};

// The first column names the row.
struct Sheet {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

// "better", "worse", "equivalent", "inconclusive", "identical"; "baseline"; "no
// pair" where there is nothing to compare.
std::string VerdictName(const StudyResults& results, const StudyArm& arm);

// Arms that may be compared, the baseline first.
Sheet ResultSheet(const StudyResults& results);
// Budgets of the same arms, with the ratio to the baseline's.
Sheet CostSheet(const StudyResults& results);
// Arms that may not be compared, and why; no rows if there are none.
Sheet ApartSheet(const StudyResults& results);
// The runs of an arm.
Sheet RunSheet(const StudyResults& results, absl::string_view arm);
// What routers of an arm logged last, a line a router; no rows if none did.
Sheet RouterSheet(const StudyResults& results, absl::string_view arm);
// An arm's fields that differ from the baseline's.
Sheet DifferenceSheet(const StudyArm& arm);
Sheet InteractionSheet(const StudyResults& results);

// All that a reader must know before the numbers: the study's own warnings,
// failed and unfinished runs, components without a certificate.
std::vector<std::string> Warnings(const StudyResults& results);

std::string RunState(const StudyRun& run);  // "done", "failed", "unfinished"
// "validation loss (nats a token)".
std::string MetricName(const StudyResults& results);
// "95 %".
std::string LevelName(const StudyResults& results);
// "[1.58, 1.61]".
std::string IntervalText(const Interval& interval, double resolution);
// "−0.02 [−0.03, −0.01]".
std::string DifferenceText(const Difference& difference);
// How to read the table: tests, intervals, margin.
std::string Method(const StudyResults& results);

// The mean over an arm's finished runs of the last finite value of a series;
// NaN where no run has one.
double LastValue(const StudyResults& results, absl::string_view arm,
                 absl::string_view series);

}  // namespace archlab::report

#endif  // ARCHLAB_SUMMARY_H_
