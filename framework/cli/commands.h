// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// One function a command: adds the subcommand with its options, and runs it by
// setting the exit status. One file each.

#ifndef ARCHLAB_CLI_COMMANDS_H_
#define ARCHLAB_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "registry/catalogue.h"

namespace archlab {

// Exit statuses: 0 done, 1 the work failed, 2 the user's input was wrong.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kBadInput = 2;

// What all commands share.
struct CliContext {
  std::vector<std::string> plugin_path;
  bool allow_insecure_plugins = false;
  int status = kDone;

  std::unique_ptr<Catalogue> ScanPlugins() const;
  // What the next command must repeat: " --plugin-path DIR" for each that was
  // given; else nothing.
  std::string PluginOptions() const;
  // Prints "warning: TEXT" on stderr; nothing when it is empty.
  static void Warn(absl::string_view text);
  // Prints the error on stderr (errors of several lines, such as those of a
  // spec, as they are, so that editors find their places) and sets the exit
  // status by its code: InvalidArgument, NotFound, AlreadyExists,
  // FailedPrecondition, OutOfRange and PermissionDenied are the user's (2), the
  // rest is a failure (1).
  void Fail(const absl::Status& error);
};

// A whole number from `min` to `max`, for Option::transform: decimal digits,
// and nothing but them.
CLI::Validator WholeNumber(int64_t min,
                           int64_t max = std::numeric_limits<int64_t>::max());

// Text, for Option::check.
CLI::Validator NotEmpty();

// `--set 'path = value'`, repeatable, as Spec::Load takes it.
void AddSetOption(CLI::App& command, std::vector<std::string>* overrides);

void AddAttentionCommand(CLI::App& app, CliContext& context);
void AddCompareCommand(CLI::App& app, CliContext& context);
void AddEvalCommand(CLI::App& app, CliContext& context);
void AddGenerateCommand(CLI::App& app, CliContext& context);
void AddInspectCommand(CLI::App& app, CliContext& context);
void AddPluginsCommand(CLI::App& app, CliContext& context);
void AddResolveCommand(CLI::App& app, CliContext& context);
void AddStudyCommand(CLI::App& app, CliContext& context);
void AddTrainCommand(CLI::App& app, CliContext& context);
void AddValidateCommand(CLI::App& app, CliContext& context);

}  // namespace archlab

#endif  // ARCHLAB_CLI_COMMANDS_H_
