// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "report/assets.h"
#include "report/curves.h"
#include "report/forest.h"
#include "report/report.h"
#include "report/summary.h"
#include "report/text.h"

namespace archlab {
namespace {

using report::Cell;
using report::Column;
using report::EscapeHtml;
using report::Sheet;

// Nothing may be asked of a network, whatever a name or a sample holds.
constexpr absl::string_view kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src "
    "'unsafe-inline'; img-src data:";

// <tag class=name>text</tag>; nothing if there is no text.
std::string Element(absl::string_view tag, absl::string_view name,
                    absl::string_view text) {
  if (text.empty()) return "";
  return absl::StrCat("<", tag, " class=\"", name, "\">", EscapeHtml(text),
                      "</", tag, ">");
}

void AppendCell(const Column& column, const Cell& cell, bool first,
                std::string& html) {
  const std::string text =
      cell.kind.empty()
          ? EscapeHtml(cell.text)
          : absl::StrCat("<span class=\"verdict ", EscapeHtml(cell.kind), "\">",
                         EscapeHtml(cell.text), "</span>");
  // On a phone a row is a card: roles keep it a table, labels name the cells,
  // and those with nothing in them are left out.
  absl::StrAppend(
      &html, first ? "<th scope=row role=rowheader" : "<td role=cell",
      " class=\"", column.number ? "number" : "words",
      column.marked ? " marked" : "", cell.text == "-" ? " none" : "",
      "\" data-label=\"", EscapeHtml(column.head), "\"><span>", text, "</span>",
      Element("small", "note", cell.note), first ? "</th>" : "</td>");
}

std::string HtmlTable(const Sheet& sheet, absl::string_view caption) {
  if (sheet.rows.empty()) return "";
  std::string html =
      absl::StrCat("<table role=table><caption>", EscapeHtml(caption),
                   "</caption>\n<thead role=rowgroup><tr role=row>");
  for (const Column& column : sheet.columns)
    absl::StrAppend(&html, "<th scope=col role=columnheader class=\"",
                    column.number ? "number" : "words",
                    column.marked ? " marked" : "", "\">",
                    EscapeHtml(column.head),
                    Element("small", "note", column.note), "</th>");
  absl::StrAppend(&html, "</tr></thead>\n<tbody role=rowgroup>\n");
  for (const std::vector<Cell>& row : sheet.rows) {
    absl::StrAppend(&html, "<tr role=row>");
    for (size_t i = 0; i < row.size(); ++i)
      AppendCell(sheet.columns[i], row[i], i == 0, html);
    absl::StrAppend(&html, "</tr>\n");
  }
  absl::StrAppend(&html, "</tbody></table>\n");
  return html;
}

std::string Title(const StudyResults& results) {
  return results.name.empty() ? "A study" : results.name;
}

std::string Header(const StudyResults& results) {
  std::string html = absl::StrCat(
      "<header>\n", Element("p", "study", results.name), "\n<h1>",
      EscapeHtml(results.question.empty() ? Title(results) : results.question),
      "</h1>\n", Element("p", "answer", results.verdict), "\n");
  const std::vector<std::string> warnings = report::Warnings(results);
  if (!warnings.empty()) {
    absl::StrAppend(&html,
                    "<section class=warnings aria-labelledby=warnings>"
                    "<h2 id=warnings>Before you rely on this</h2>\n<ul>\n");
    for (const std::string& warning : warnings)
      absl::StrAppend(&html, "<li>", EscapeHtml(warning), "</li>\n");
    absl::StrAppend(&html, "</ul></section>\n");
  }
  return html + "</header>\n";
}

std::string Tables(const StudyResults& results) {
  return absl::StrCat(
      "<section aria-labelledby=results>\n<h2 id=results>Results</h2>\n",
      Element("p", "method", report::Method(results)), "\n",
      HtmlTable(report::ResultSheet(results),
                absl::StrCat("Arms by ", report::MetricName(results))),
      HtmlTable(report::CostSheet(results),
                "What it cost: the mean of an arm's runs, and its ratio to the "
                "baseline's"),
      HtmlTable(report::ApartSheet(results), "Not comparable, and not ranked"),
      "</section>\n");
}

std::string Differences(const StudyResults& results) {
  const std::string plot = report::ForestPlot(results);
  if (plot.empty()) return "";
  const std::string unit =
      results.unit.empty() ? "" : absl::StrCat(" in ", results.unit);
  return absl::StrCat(
      "<section aria-labelledby=differences>\n<h2 id=differences>Differences "
      "from the baseline</h2>\n<p class=method>",
      EscapeHtml(absl::StrCat("Mean difference", unit, ", with ",
                              report::LevelName(results), " intervals.")),
      results.margin > 0
          ? " Shaded: the margin within which arms count as equivalent."
          : "",
      "</p>\n", plot,
      HtmlTable(report::InteractionSheet(results), "Effects of factors"),
      "</section>\n");
}

// The frame that report.js fills.
std::string Chart(absl::string_view id, absl::string_view title,
                  absl::string_view explanation, absl::string_view controls) {
  return absl::StrCat(
      "<section class=curves id=", id, " aria-labelledby=", id,
      "-title hidden>\n<h2 id=", id, "-title>", title,
      "</h2>\n<p class=method>", explanation, "</p>\n<div class=controls>",
      controls, "</div>\n<div class=chart role=img aria-labelledby=", id,
      "-title></div>\n<p class=axis></p>\n<ul class=legend "
      "aria-label=\"Curves: shown or hidden\"></ul>\n</section>\n");
}

std::string Charts() {
  return absl::StrCat(
      "<noscript><p class=method>The curves need JavaScript; all other parts "
      "of this page do not.</p></noscript>\n",
      Chart("training", "Training",
            "Mean over the finished seeds; the band goes from the least to the "
            "greatest of them. Values are the last ones, or those under the "
            "pointer. Drag over the chart to zoom; double-click to zoom out.",
            "<label>Show <select name=y></select></label> <label>over <select "
            "name=x></select></label> <label><input type=checkbox name=log> "
            "log scale</label>"),
      Chart("positions", "Loss by position in the context",
            "Nats of the targets at a position, mean over the finished seeds. "
            "Dashed: longer than in training, so that positions are "
            "extrapolated.",
            "<label><input type=checkbox name=log> log scale</label>"));
}

std::string Folded(absl::string_view title, absl::string_view text) {
  if (text.empty()) return "";
  return absl::StrCat("<details class=fold><summary>", EscapeHtml(title),
                      "</summary>\n<pre tabindex=0>", EscapeHtml(text),
                      "</pre></details>\n");
}

std::string Commands(const StudyResults& results, absl::string_view arm) {
  std::vector<absl::string_view> commands;
  for (const StudyRun& run : results.runs)
    if (run.arm == arm && !run.command.empty()) commands.push_back(run.command);
  return absl::StrJoin(commands, "\n");
}

std::string Card(const StudyResults& results, const StudyArm& arm) {
  const std::string verdict = report::VerdictName(results, arm);
  std::string html = absl::StrCat(
      "<details class=card><summary><h3>", EscapeHtml(arm.name),
      "</h3><span class=\"verdict ", verdict, "\">", verdict, "</span>");
  if (arm.estimate)
    absl::StrAppend(&html, "<span class=value>",
                    report::FormatTo(arm.estimate->mean,
                                     report::HalfWidth(arm.estimate->interval)),
                    "</span>");
  absl::StrAppend(&html, "</summary>\n<div class=inside>\n",
                  Element("p", "description", arm.description),
                  Element("p", "apart", arm.apart));
  if (!arm.uncertified.empty())
    absl::StrAppend(
        &html, Element("p", "apart",
                       absl::StrCat("Without a certificate: ",
                                    absl::StrJoin(arm.uncertified, ", "))));
  StudyResults alone;  // so that the ratios are left out
  alone.matched = results.matched;
  alone.arms = {arm};
  const absl::string_view first = results.arms.front().name;
  absl::StrAppend(
      &html,
      HtmlTable(report::DifferenceSheet(arm),
                absl::StrCat("Differences of the spec from ", first)),
      HtmlTable(report::CostSheet(alone), "Budgets"),
      HtmlTable(report::RunSheet(results, arm.name), "Runs"),
      HtmlTable(report::RouterSheet(results, arm.name),
                "Routers, as logged last"));
  if (!arm.sample.empty())
    absl::StrAppend(&html,
                    "<h4>What its first run writes</h4>\n<pre class=sample "
                    "tabindex=0>",
                    EscapeHtml(arm.sample), "</pre>\n");
  absl::StrAppend(
      &html, Folded("Overrides", absl::StrJoin(arm.overrides, "\n")),
      Folded("Commands that repeat the runs", Commands(results, arm.name)),
      Folded("Resolved spec", arm.resolved), "</div></details>\n");
  return html;
}

std::string Cards(const StudyResults& results) {
  if (results.arms.empty()) return "";
  std::string html =
      "<section aria-labelledby=arms>\n<h2 id=arms>Arms in detail</h2>\n";
  for (const StudyArm& arm : results.arms) html += Card(results, arm);
  return html + "</section>\n";
}

std::string Done(const StudyResults& results) {
  std::string html =
      "<section aria-labelledby=done>\n<h2 id=done>What was done</h2>\n";
  if (!results.facts.empty()) {
    absl::StrAppend(&html, "<dl>\n");
    for (const auto& [key, value] : results.facts)
      absl::StrAppend(&html, "<div><dt>", EscapeHtml(key), "</dt><dd>",
                      EscapeHtml(value), "</dd></div>\n");
    absl::StrAppend(&html, "</dl>\n");
  }
  if (!results.commands.empty())
    absl::StrAppend(&html, "<h3>To repeat it</h3>\n<pre tabindex=0>",
                    EscapeHtml(absl::StrJoin(results.commands, "\n")),
                    "</pre>\n");
  return html + "</section>\n";
}

}  // namespace

std::string ReportHtml(const StudyResults& results) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
      "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=color-scheme content=\"light dark\">\n"
      "<meta http-equiv=Content-Security-Policy content=\"",
      kPolicy, "\">\n<link rel=icon href=\"data:,\">\n<title>",
      EscapeHtml(Title(results)), "</title>\n<style>", report::kDygraphsCss,
      "</style>\n<style>", report::kReportCss, "</style>\n</head>\n<body>\n",
      Header(results), "<main>\n", Tables(results), Differences(results),
      Charts(), Cards(results), Done(results),
      "</main>\n<footer>Made by archlab. Curves are drawn by dygraphs, which "
      "is "
      "under the MIT licence.</footer>\n"
      "<script type=\"application/json\" id=data>",
      report::CurveData(results), "</script>\n<script>", report::kDygraphsJs,
      "</script>\n<script>", report::kReportJs,
      "</script>\n</body>\n</html>\n");
}

}  // namespace archlab
