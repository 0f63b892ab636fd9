// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab compare: the report of a study from any runs.

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/study_display.h"
#include "report/report.h"
#include "report/summary.h"
#include "study/compare_runs.h"

namespace archlab {
namespace {

struct CompareCommand {
  CompareRequest request;
  std::string metric, folder = "comparison";
  bool json = false;
};

absl::Status Compare(CompareCommand& command, const CliContext& context) {
  const std::unique_ptr<Catalogue> catalogue = context.ScanPlugins();
  if (command.metric == "loss") command.request.metric = spec::VALIDATION_LOSS;
  if (command.metric == "bits_per_byte")
    command.request.metric = spec::BITS_PER_BYTE;
  if (command.metric == "accuracy") command.request.metric = spec::ACCURACY;
  command.request.archlab_version = ARCHLAB_VERSION;
  ARCHLAB_ASSIGN_OR_RETURN(const StudyResults results,
                           CompareRuns(command.request, *catalogue));
  ARCHLAB_RETURN_IF_ERROR(CheckReportFolder(command.folder));
  ARCHLAB_RETURN_IF_ERROR(WriteReport(results, command.folder));
  for (const std::string& warning : report::Warnings(results))
    context.Warn(warning);
  if (command.json) {
    std::fputs(ArmsJsonl(results).c_str(), stdout);
    return absl::OkStatus();
  }
  std::printf("%s\n%s\n\nreport            %s/report.html\n",
              ResultTable(results).c_str(), results.verdict.c_str(),
              command.folder.c_str());
  return absl::OkStatus();
}

}  // namespace

void AddCompareCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand(
      "compare", "Compare runs, or report one, as a study does");
  auto options = std::make_shared<CompareCommand>();
  command
      ->add_option("RUN", options->request.runs,
                   "Folders of runs; those that differ in the seed only are "
                   "one arm, the first one's is the baseline")
      ->required();
  command
      ->add_option("--metric", options->metric,
                   "loss, bits_per_byte or accuracy (default: accuracy where "
                   "all runs have it, else loss)")
      ->check(CLI::IsMember({"loss", "bits_per_byte", "accuracy"}));
  command
      ->add_option("--margin", options->request.margin,
                   "Differences up to this are of no interest")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--folder", options->folder,
                   "Where the report goes (default: comparison)")
      ->check(NotEmpty());
  command->add_flag("--json", options->json, "Print a JSON line for each arm");
  command->footer(
      "Examples:\n"
      "  archlab compare runs/gpt_char-1-* runs/gpt_rope-1-*\n"
      "  archlab compare runs/gpt_char-1337-0123abcd   (a report of one run)\n"
      "  archlab compare runs/a-* runs/b-* --metric bits_per_byte --folder ab");
  command->callback([options, &context] {
    const absl::Status status = Compare(*options, context);
    if (!status.ok()) context.Fail(status);
  });
}

}  // namespace archlab
