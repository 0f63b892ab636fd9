// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab plugins: the options of its four commands.

#include "cli/plugins.h"

#include "absl/strings/str_cat.h"
#include "cli/commands.h"

namespace archlab {
namespace {

void AddList(CLI::App& plugins, CliContext& context) {
  CLI::App* command =
      plugins.add_subcommand("list", "Components found, and plugins refused");
  auto json = std::make_shared<bool>(false);
  auto markdown = std::make_shared<bool>(false);
  CLI::Option* as_json = command->add_flag("--json", *json, "Print JSON");
  command->add_flag("--markdown", *markdown, "Print a table for a document")
      ->excludes(as_json);
  command->callback([&context, json, markdown] {
    const auto catalogue = context.ScanPlugins();
    const std::string text = *json       ? PluginListJson(*catalogue)
                             : *markdown ? PluginListMarkdown(*catalogue)
                                         : PluginListText(*catalogue);
    std::fputs(text.c_str(), stdout);
  });
}

void AddDescribe(CLI::App& plugins, CliContext& context) {
  CLI::App* command = plugins.add_subcommand(
      "describe",
      "All about one component: its config with types, defaults, ranges");
  auto name = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  command->add_option("component", *name, "KIND/NAME, as attention/dense")
      ->required();
  command->add_flag("--json", *json, "Print JSON");
  command->callback([&context, name, json] {
    const auto catalogue = context.ScanPlugins();
    const absl::StatusOr<std::string> text =
        DescribeComponent(*catalogue, *name, *json);
    if (!text.ok()) return context.Fail(text.status());
    std::fputs(text->c_str(), stdout);
  });
}

void AddNew(CLI::App& plugins, CliContext& context) {
  CLI::App* command = plugins.add_subcommand(
      "new", "Write the project of a new plugin, ready to build");
  auto project = std::make_shared<PluginProject>();
  command->add_option("kind", project->kind, "Kind, as attention")->required();
  command->add_option("name", project->name, "Name, as my_window")->required();
  command->add_option("directory", project->directory, "New directory for it")
      ->required();
  command->add_option("--vendor", project->vendor,
                      "First part of the package (default: acme)");
  command->callback([&context, project] {
    const absl::Status status = WritePluginProject(*project);
    if (!status.ok()) return context.Fail(status);
    std::printf(
        "Wrote the plugin %s/%s to %s. Build and test it with\n\n  cd %s\n"
        "  cmake --workflow --preset all\n\n"
        "and read its README.md.\n",
        project->kind.c_str(), project->name.c_str(),
        project->directory.c_str(), project->directory.c_str());
  });
}

void AddCheck(CLI::App& plugins, CliContext& context) {
  CLI::App* command = plugins.add_subcommand(
      "check", "Check a plugin file, then load it in a process of its own");
  auto file = std::make_shared<std::string>();
  auto load_here = std::make_shared<bool>(false);
  command->add_option("file", *file, "A plugin, <kind>/<name>.so")->required();
  // Loading takes milliseconds; a sanitizer makes it slow.
  auto seconds = std::make_shared<int>(20);
  command->add_option("--seconds", *seconds, "Time limit (default: 20)")
      ->transform(WholeNumber(1, 3600));
  // What the process of its own is started with.
  command->add_flag("--load-here", *load_here)->group("");
  command->callback([&context, file, load_here, seconds] {
    const absl::Status status =
        *load_here
            ? LoadPluginHere(*file, context.allow_insecure_plugins)
            : CheckPluginFile(*file, context.allow_insecure_plugins, *seconds);
    if (!status.ok()) context.Fail(status);
  });
}

}  // namespace

void AddPluginsCommand(CLI::App& app, CliContext& context) {
  CLI::App* plugins = app.add_subcommand(
      "plugins", "Plugins: list, describe, start a new one, check a file");
  plugins->require_subcommand(1);
  plugins->footer(
      "Examples:\n"
      "  archlab plugins list\n"
      "  archlab plugins describe attention/sliding_window\n"
      "  archlab plugins new attention my_window ~/my_window\n"
      "  archlab plugins check build/plugins/attention/my_window.so");
  AddList(*plugins, context);
  AddDescribe(*plugins, context);
  AddNew(*plugins, context);
  AddCheck(*plugins, context);
}

}  // namespace archlab
