// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What stands behind the commands of `archlab plugins`.

#ifndef ARCHLAB_PLUGINS_H_
#define ARCHLAB_PLUGINS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/catalogue.h"

namespace archlab {

// Everything found, accepted or not. Nothing is loaded.
std::string PluginListText(const Catalogue& catalogue);
std::string PluginListJson(const Catalogue& catalogue);
// A table of the components, with links to plugins/<kind>/<name>/: the
// README's.
std::string PluginListMarkdown(const Catalogue& catalogue);

// What the note of "kind/name" says: purpose, source, traits, and each field of
// the config with type, default, range, unit and comment.
absl::StatusOr<std::string> DescribeComponent(const Catalogue& catalogue,
                                              absl::string_view component,
                                              bool json);

// A plugin that does not exist yet.
struct PluginProject {
  std::string kind;
  std::string name;
  std::string directory;  // must not exist, or be empty
  std::string vendor = "acme";
};

// Writes the project: build, config, code, test, example spec, README. It
// builds and passes its tests as it is.
absl::Status WritePluginProject(const PluginProject& project);

// Checks the file without running it, then loads it in a child process with a
// time limit. Prints a line a check.
absl::Status CheckPluginFile(const std::string& path, bool allow_insecure,
                             int seconds);
// The child's part: loads the file into this process.
absl::Status LoadPluginHere(const std::string& path, bool allow_insecure);

}  // namespace archlab

#endif  // ARCHLAB_PLUGINS_H_
