// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab validate.

#include "cli/commands.h"

namespace archlab {

void AddValidateCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand("validate", "(not built yet)");
  command->callback([&context] {
    context.Fail(absl::UnimplementedError("validate is not built yet"));
  });
}

}  // namespace archlab
