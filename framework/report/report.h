// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Report: what a study found, for people (HTML, Markdown) and for programs
// (CSV, JSON lines). All of it comes from StudyResults alone. Any text in there
// may be hostile: it is escaped, and bytes that are not UTF-8 are replaced.

#ifndef ARCHLAB_REPORT_H_
#define ARCHLAB_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "study/results.h"

namespace archlab {

// One page that needs nothing else: no network, no other file. Verdict first,
// then warnings, tables, curves, a card an arm, and how to repeat it.
std::string ReportHtml(const StudyResults& results);
// The essentials of it, as GitHub's Markdown.
std::string ReportMarkdown(const StudyResults& results);

// One line a run, in the order of `results`: arm, seed, state, metric, value,
// validation_loss, bits_per_byte, accuracy, steps, tokens, flops. What was not
// measured is empty, or null. The same trainings give the same bytes: no times
// and no folders are in it; numbers are those that read back as the same
// double. CSV as in RFC 4180, with a header, lines end with a newline.
std::string ResultsCsv(const StudyResults& results);
std::string ResultsJsonl(const StudyResults& results);
// One line an arm: mean, difference from the baseline, intervals, p, verdict,
// budgets; no times.
std::string ArmsJsonl(const StudyResults& results);
// arm, seed, seconds, tokens_per_second (null: not known).
std::string TimingsJsonl(const StudyResults& results);

// OK where WriteReport overwrites nothing but an earlier report: the folder is
// missing, empty, or has a report.html; else AlreadyExists.
absl::Status CheckReportFolder(const std::string& folder);

// Writes report.html, report.md, results.csv, results.jsonl,
// arms.jsonl and timings.jsonl
// into the folder, which is made if needed; each is replaced as a whole.
absl::Status WriteReport(const StudyResults& results,
                         const std::string& folder);

}  // namespace archlab

#endif  // ARCHLAB_REPORT_H_
