// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab: the command line.

#include <fcntl.h>
#include <signal.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/omp_environment.h"

namespace archlab {

std::unique_ptr<Catalogue> CliContext::ScanPlugins() const {
  SearchPath path = SearchPath::Default(plugin_path);
  path.allow_insecure = allow_insecure_plugins;
  for (const std::string& missing : path.missing)
    Warn(absl::StrCat("ARCHLAB_PLUGIN_PATH: ", missing, " is no directory"));
  return Catalogue::Scan(path);
}

std::string CliContext::PluginOptions() const {
  std::string options;
  for (const std::string& directory : plugin_path)
    absl::StrAppend(&options, " --plugin-path ", directory);
  if (allow_insecure_plugins)
    absl::StrAppend(&options, " --allow-insecure-plugins");
  return options;
}

void CliContext::Warn(absl::string_view text) {
  if (text.empty()) return;
  std::fprintf(stderr, "warning: %s\n", std::string(text).c_str());
}

void CliContext::Fail(const absl::Status& error) {
  std::fflush(stdout);
  const std::string message(error.message());
  const bool several_lines = message.find('\n') != std::string::npos;
  std::fprintf(stderr, "%s%s\n",
               several_lines ? "" : "archlab: ", message.c_str());
  switch (error.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kPermissionDenied:
      status = kBadInput;
      break;
    default:
      status = kFailed;
  }
}

CLI::Validator NotEmpty() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        return text.empty() ? "must not be empty" : "";
      },
      "");
}

CLI::Validator WholeNumber(int64_t min, int64_t max) {
  const auto check = [min, max](std::string& text) -> std::string {
    int64_t value = 0;
    if (!absl::SimpleAtoi(text, &value) || value < min || value > max)
      return absl::StrCat("'", text, "' must be a whole number from ", min,
                          " to ", max);
    text = absl::StrCat(value);  // "010" is no octal number
    return "";
  };
  const bool bounded = max < std::numeric_limits<int64_t>::max();
  return CLI::Validator(check,
                        absl::StrCat("[", min, " ..", bounded ? " " : "",
                                     bounded ? absl::StrCat(max) : "", "]"));
}

void AddSetOption(CLI::App& command, std::vector<std::string>* overrides) {
  command
      .add_option("--set", *overrides,
                  "Override of the spec, 'PATH = VALUE' (repeatable); [0] or "
                  "[*] address elements, text stands in quotes")
      ->type_name("OVERRIDE")
      ->allow_extra_args(false);
}

namespace {

// A standard stream that the caller closed: without this, the next file that is
// opened would take its place and get what is printed. Printing to a stream
// that is open for reading only fails, and is reported as such.
void OccupyClosedStreams() {
  for (int stream = 0; stream <= 2; ++stream)
    if (fcntl(stream, F_GETFD) < 0 && errno == EBADF)
      open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY);
}

// The exit status when results may have been lost on their way out.
int CheckOutput(int status) {
  errno = 0;
  std::cout.flush();
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return status;
  std::fprintf(stderr, "archlab: cannot write to standard output%s%s\n",
               errno ? ": " : "", errno ? std::strerror(errno) : "");
  return status == kDone ? kFailed : status;
}

int Main(int argc, char** argv) {
  CLI::App app{"archlab: a laboratory for transformer architectures"};
  CliContext context;
  app.set_version_flag("--version", "archlab " ARCHLAB_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--plugin-path", context.plugin_path,
                 "Directory of plugins, searched first (repeatable)")
      ->allow_extra_args(false)
      ->check(CLI::ExistingDirectory);
  app.add_flag("--allow-insecure-plugins", context.allow_insecure_plugins,
               "Accept plugins that others can write to");
  AddTrainCommand(app, context);
  AddStudyCommand(app, context);
  AddCompareCommand(app, context);
  AddEvalCommand(app, context);
  AddGenerateCommand(app, context);
  AddAttentionCommand(app, context);
  AddInspectCommand(app, context);
  AddResolveCommand(app, context);
  AddValidateCommand(app, context);
  AddPluginsCommand(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return CheckOutput(app.exit(error) == 0 ? kDone : kBadInput);
  }
  return CheckOutput(context.status);
}

}  // namespace
}  // namespace archlab

int main(int argc, char** argv) {
  archlab::OccupyClosedStreams();
  // A file that may grow no further is an error of write, with its message.
  signal(SIGXFSZ, SIG_IGN);
  archlab::PrepareOmpEnvironment(argc, argv);
  return archlab::Main(argc, argv);
}
