// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "cli/inspect_activations.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/status.h"
#include "cli/format.h"
#include "report/activations.h"
#include "training/open_run.h"

namespace archlab {
namespace {

void PrintActivations(const ActivationMeter& meter) {
  Table table(
      {"activations", "tokens", "units", "dead", "zeros", "mean", "RMS"});
  for (const ActivationRow& row : meter.Activations())
    table.Add({row.path, WithCommas(double(row.tokens)),
               WithCommas(double(row.units)), WithCommas(double(row.dead)),
               absl::StrFormat("%.1f %%", 100 * row.zeros),
               absl::StrFormat("%.4f", row.mean),
               absl::StrFormat("%.4f", row.rms)});
  std::fputs(table.ToString().c_str(), stdout);
  if (meter.Entropies().empty()) return;
  Table entropies({"attention", "entropy of a row, nats"});
  for (const EntropyRow& row : meter.Entropies())
    entropies.Add({row.path, row.rows > 0 ? absl::StrFormat("%.4f", row.nats)
                                          : "no pairwise weights"});
  std::printf("\n%s", entropies.ToString().c_str());
}

nlohmann::ordered_json ToJson(const ActivationMeter& meter) {
  nlohmann::ordered_json json = {{"activations", nlohmann::json::array()},
                                 {"attention", nlohmann::json::array()}};
  for (const ActivationRow& row : meter.Activations())
    json["activations"].push_back({{"path", row.path},
                                   {"tokens", row.tokens},
                                   {"units", row.units},
                                   {"dead", row.dead},
                                   {"zeros", row.zeros},
                                   {"mean", row.mean},
                                   {"rms", row.rms}});
  for (const EntropyRow& row : meter.Entropies()) {
    nlohmann::ordered_json each = {{"path", row.path}, {"rows", row.rows}};
    if (row.rows > 0) each["entropy_nats"] = row.nats;
    json["attention"].push_back(std::move(each));
  }
  return json;
}

}  // namespace

absl::Status InspectActivations(const InspectActivationsOptions& options,
                                const CliContext& context) {
  const auto catalogue = context.ScanPlugins();
  ARCHLAB_ASSIGN_OR_RETURN(
      const OpenedRun run,
      OpenRun(options.run, options.checkpoint, options.overrides, *catalogue));
  ARCHLAB_ASSIGN_OR_RETURN(
      const PreparedData data,
      PrepareData(run.spec, *catalogue, &run.tokenizer_files));
  context.Warn(run.warning);
  const int64_t rows = run.spec.experiment().training().batch_sequences();
  const int64_t samples = data.corpus->ValidationSamples();
  const int64_t all = (samples + rows - 1) / rows;
  const int64_t batches = std::min(options.batches, all);
  ActivationMeter meter;
  for (int64_t i = 0; i < batches; ++i) {
    const int64_t first = batches == all ? i * rows : i * samples / batches;
    ARCHLAB_ASSIGN_OR_RETURN(const Batch batch,
                             data.corpus->ValidationBatch(first, rows));
    meter.Read(*run.model, batch);
  }
  if (options.json)
    std::printf("%s\n", ToJson(meter).dump(2).c_str());
  else
    PrintActivations(meter);
  return absl::OkStatus();
}

}  // namespace archlab
