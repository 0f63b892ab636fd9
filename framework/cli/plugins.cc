// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab plugins.

#include "cli/commands.h"

namespace archlab {

void AddPluginsCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand("plugins", "(not built yet)");
  command->callback([&context] {
    context.Fail(absl::UnimplementedError("plugins is not built yet"));
  });
}

}  // namespace archlab
