// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab resolve.

#include "cli/commands.h"

namespace archlab {

void AddResolveCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand("resolve", "(not built yet)");
  command->callback([&context] {
    context.Fail(absl::UnimplementedError("resolve is not built yet"));
  });
}

}  // namespace archlab
