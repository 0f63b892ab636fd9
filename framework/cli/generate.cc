// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab generate.

#include "cli/commands.h"

namespace archlab {

void AddGenerateCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand("generate", "(not built yet)");
  command->callback([&context] {
    context.Fail(absl::UnimplementedError("generate is not built yet"));
  });
}

}  // namespace archlab
