// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab train.

#include "cli/commands.h"

namespace archlab {

void AddTrainCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand("train", "(not built yet)");
  command->callback([&context] {
    context.Fail(absl::UnimplementedError("train is not built yet"));
  });
}

}  // namespace archlab
