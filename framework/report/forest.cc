// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/forest.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "report/summary.h"
#include "report/text.h"

namespace archlab::report {
namespace {

// The span of values that the plot shows.
struct Axis {
  double low = 0, high = 0;  // zero is always in sight

  void Include(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  void Include(const Difference& difference) {
    Include(difference.mean);
    Include(difference.interval.low);
    Include(difference.interval.high);
  }
  void Widen() {
    const double room = high > low ? 0.06 * (high - low) : 1;
    low -= room;
    high += room;
  }
  // As a share of the width: "43.21%"; infinite values at the rim.
  std::string operator()(double value) const {
    const double part = (std::clamp(value, low, high) - low) / (high - low);
    return absl::StrFormat("%.2f%%", 100 * part);
  }
  // Between ticks: 1, 2 or 5 times a power of ten, for about five of them.
  double Step() const {
    const double rough = (high - low) / 5;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
      if (factor * power >= rough) return factor * power;
    return 10 * power;
  }
};

std::string Shade(const Axis& axis, double margin) {
  if (!(margin > 0)) return "";
  const double width =
      200 * margin / (axis.high - axis.low);  // percent; both sides in sight
  return absl::StrFormat(
      "<rect class=margin x=\"%s\" y=\"0\" width=\"%.2f%%\" height=\"100%%\"/>",
      axis(-margin), width);
}

void Row(const Axis& axis, double margin, absl::string_view name,
         const Difference& difference, absl::string_view kind,
         std::string& html) {
  absl::StrAppend(
      &html, "<div class=\"forest-row ", kind, "\"><span class=forest-name>",
      EscapeHtml(name), "</span><svg class=forest-plot aria-hidden=true>",
      Shade(axis, margin), "<line class=zero x1=\"", axis(0), "\" x2=\"",
      axis(0), "\" y1=\"0\" y2=\"100%\"/><line class=interval x1=\"",
      axis(difference.interval.low), "\" x2=\"", axis(difference.interval.high),
      "\" y1=\"50%\" y2=\"50%\"",
      IsFinite(difference.interval) ? "" : " stroke-dasharray=\"2 5\"",
      "/><circle class=point cx=\"", axis(difference.mean),
      "\" cy=\"50%\" r=\"5\"/></svg><span class=forest-text>",
      EscapeHtml(DifferenceText(difference)), "</span></div>\n");
}

void Ticks(const Axis& axis, bool smaller_is_better, std::string& html) {
  absl::StrAppend(&html,
                  "<div class=\"forest-row forest-axis\"><span></span>"
                  "<svg class=forest-plot aria-hidden=true>"
                  "<line class=rule x1=\"0\" x2=\"100%\" y1=\"0\" y2=\"0\"/>");
  const double step = axis.Step();
  const double first = std::ceil(axis.low / step);
  for (double i = first; i * step <= axis.high && i < first + 20; ++i)
    absl::StrAppend(&html, "<line class=rule x1=\"", axis(i * step), "\" x2=\"",
                    axis(i * step), "\" y1=\"0\" y2=\"5\"/><text x=\"",
                    axis(i * step), "\" y=\"19\" text-anchor=middle>",
                    i == 0 ? "0" : FormatNumber(i * step), "</text>");
  absl::StrAppend(&html, "<text x=\"0\" y=\"38\">\u2190 ",
                  smaller_is_better ? "better" : "worse",
                  "</text><text x=\"100%\" y=\"38\" text-anchor=end>",
                  smaller_is_better ? "worse" : "better",
                  " \u2192</text></svg><span></span></div>\n");
}

}  // namespace

std::string ForestPlot(const StudyResults& results) {
  std::vector<const StudyArm*> arms;
  for (const StudyArm& arm : results.arms)
    if (arm.difference && arm.apart.empty()) arms.push_back(&arm);
  if (arms.empty() && results.interactions.empty()) return "";
  Axis axis;
  for (const StudyArm* arm : arms) axis.Include(*arm->difference);
  for (const Interaction& interaction : results.interactions)
    axis.Include(interaction.difference);
  axis.Include(results.margin);
  axis.Include(-results.margin);
  axis.Widen();
  std::string html = "<div class=forest>\n";
  for (const StudyArm* arm : arms)
    Row(axis, results.margin, arm->name, *arm->difference,
        VerdictName(results, *arm), html);
  if (!results.interactions.empty()) {
    absl::StrAppend(
        &html, "<h3>Factors, and two of them beyond the sum of both</h3>\n");
    for (const Interaction& interaction : results.interactions)
      Row(axis, results.margin, interaction.name, interaction.difference, "",
          html);
  }
  Ticks(axis, results.smaller_is_better, html);
  absl::StrAppend(&html, "</div>\n");
  return html;
}

}  // namespace archlab::report
