// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "report/report.h"
#include "report/summary.h"
#include "report/text.h"

namespace archlab {
namespace {

using report::EscapeMarkdown;
using report::Sheet;

std::string WithNote(const std::string& text, const std::string& note) {
  return note.empty() ? EscapeMarkdown(text)
                      : absl::StrCat(EscapeMarkdown(text), " (",
                                     EscapeMarkdown(note), ")");
}

// Intervals in brackets stand beside their number without more of them.
std::string CellText(const report::Cell& cell) {
  if (!cell.note.empty() && cell.note.front() == '[')
    return absl::StrCat(EscapeMarkdown(cell.text), " ",
                        EscapeMarkdown(cell.note));
  return WithNote(cell.text, cell.note);
}

std::string MarkdownTable(const Sheet& sheet) {
  if (sheet.rows.empty()) return "";
  std::string text = "|", rule = "|";
  for (const report::Column& column : sheet.columns) {
    absl::StrAppend(&text, " ", WithNote(column.head, column.note), " |");
    absl::StrAppend(&rule, column.number ? "---:|" : "---|");
  }
  absl::StrAppend(&text, "\n", rule, "\n");
  for (const std::vector<report::Cell>& row : sheet.rows) {
    text += '|';
    for (const report::Cell& cell : row)
      absl::StrAppend(&text, " ", CellText(cell), " |");
    text += '\n';
  }
  return text + "\n";
}

std::string Section(const std::string& title, const std::string& body) {
  return body.empty() ? "" : absl::StrCat("## ", title, "\n\n", body);
}

std::string WarningList(const StudyResults& results) {
  std::string list;
  for (const std::string& warning : report::Warnings(results))
    absl::StrAppend(&list, "- ", EscapeMarkdown(warning), "\n");
  return list.empty() ? "" : list + "\n";
}

std::string ArmList(const StudyResults& results) {
  std::string list;
  for (const StudyArm& arm : results.arms) {
    absl::StrAppend(&list, "- **", EscapeMarkdown(arm.name), "**");
    if (!arm.description.empty())
      absl::StrAppend(&list, ": ", EscapeMarkdown(arm.description));
    list += '\n';
    for (const std::string& override : arm.overrides)
      absl::StrAppend(&list, "  - ", EscapeMarkdown(override), "\n");
  }
  return list.empty() ? "" : list + "\n";
}

std::string Facts(const StudyResults& results) {
  std::string text;
  for (const auto& [key, value] : results.facts)
    absl::StrAppend(&text, "- ", EscapeMarkdown(key), ": ",
                    EscapeMarkdown(value), "\n");
  if (!text.empty()) text += '\n';
  if (!results.commands.empty())
    absl::StrAppend(
        &text, report::MarkdownBlock(absl::StrJoin(results.commands, "\n")));
  return text;
}

}  // namespace

std::string ReportMarkdown(const StudyResults& results) {
  std::string text =
      absl::StrCat("# ",
                   EscapeMarkdown(results.question.empty() ? results.name
                                                           : results.question),
                   "\n\n");
  if (!results.verdict.empty())
    absl::StrAppend(&text, "**", EscapeMarkdown(results.verdict), "**\n\n");
  absl::StrAppend(
      &text, Section("Before you rely on this", WarningList(results)),
      Section("Results",
              absl::StrCat(EscapeMarkdown(report::Method(results)), "\n\n",
                           MarkdownTable(report::ResultSheet(results)))),
      Section("What it cost", MarkdownTable(report::CostSheet(results))),
      Section("Not comparable, and not ranked",
              MarkdownTable(report::ApartSheet(results))),
      Section("Effects of factors",
              MarkdownTable(report::InteractionSheet(results))),
      Section("Arms", ArmList(results)),
      Section("What was done", Facts(results)));
  return text;
}

}  // namespace archlab
