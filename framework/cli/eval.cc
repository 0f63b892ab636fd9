// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab eval.

#include "cli/commands.h"

namespace archlab {

void AddEvalCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand("eval", "(not built yet)");
  command->callback([&context] {
    context.Fail(absl::UnimplementedError("eval is not built yet"));
  });
}

}  // namespace archlab
