// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab resolve: a spec with every default written out, or its hash.

#include <cstdio>

#include "cli/commands.h"
#include "spec/spec.h"

namespace archlab {
namespace {

struct ResolveOptions {
  std::vector<std::string> files, overrides;
  bool hash = false;
};

void Resolve(const ResolveOptions& options, CliContext& context) {
  const std::unique_ptr<Catalogue> catalogue = context.ScanPlugins();
  for (const std::string& file : options.files) {
    const absl::StatusOr<Spec> spec =
        Spec::Load(file, options.overrides, *catalogue);
    if (!spec.ok()) {
      context.Fail(spec.status());
    } else if (options.hash) {
      std::printf("%s  %s\n", spec->Hash().c_str(), file.c_str());
    } else {
      if (options.files.size() > 1) std::printf("# %s\n", file.c_str());
      std::fputs(spec->Resolved().c_str(), stdout);
    }
  }
}

}  // namespace

void AddResolveCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand(
      "resolve", "Print the complete spec, every default written out");
  auto options = std::make_shared<ResolveOptions>();
  command->add_option("FILE", options->files, "Spec files")->required();
  AddSetOption(*command, &options->overrides);
  command->add_flag("--hash", options->hash,
                    "Print the SHA-256 of the canonical form instead; `name` "
                    "and `question` are no part of it");
  command->footer(
      "Exit status: 0 done, 2 a spec is wrong.\n"
      "Examples:\n"
      "  archlab resolve x.textproto > complete.textproto\n"
      "  archlab resolve --hash a.textproto b.textproto\n"
      "  diff <(archlab resolve a.textproto) <(archlab resolve b.textproto)");
  command->callback([options, &context] { Resolve(*options, context); });
}

}  // namespace archlab
