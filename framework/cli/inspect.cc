// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab inspect.

#include "cli/commands.h"

namespace archlab {

void AddInspectCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand("inspect", "(not built yet)");
  command->callback([&context] {
    context.Fail(absl::UnimplementedError("inspect is not built yet"));
  });
}

}  // namespace archlab
