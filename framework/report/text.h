// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Text of reports: escaping, and numbers for people.

#ifndef ARCHLAB_REPORT_TEXT_H_
#define ARCHLAB_REPORT_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "study/statistics.h"

namespace archlab::report {

// Valid UTF-8 without control characters but newline and tab: each other byte
// becomes U+FFFD.
std::string CleanText(absl::string_view text);
// CleanText, safe as text and in quoted attributes.
std::string EscapeHtml(absl::string_view text);
// CleanText on one line, in which Markdown finds nothing to act on.
std::string EscapeMarkdown(absl::string_view text);
// A fenced block of Markdown that the text cannot end.
std::string MarkdownBlock(absl::string_view text);

// Four significant digits: "3.412", "-0.0212" with a true minus, "1.2 G";
// "not known" if it is not finite.
std::string FormatNumber(double value);
// FormatNumber and a unit: "1.2 GB"; "-" for 0, which stands for not known.
std::string FormatAmount(double value, absl::string_view unit);
// As many decimals as two significant digits of `resolution` have; FormatNumber
// where that tells nothing.
std::string FormatTo(double value, double resolution);
// The same with the sign always: "+0.012".
std::string FormatSigned(double value, double resolution);
// "0.012", "< 0.0001".
std::string FormatP(double p);

// Half of its width: what the digits of a mean are chosen by.
double HalfWidth(const Interval& interval);
bool IsFinite(const Interval& interval);

}  // namespace archlab::report

#endif  // ARCHLAB_REPORT_TEXT_H_
