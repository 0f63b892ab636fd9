// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Loads plugins: the only file that runs their code into the process.

#ifndef ARCHLAB_LOADER_H_
#define ARCHLAB_LOADER_H_

#include <string>

#include "absl/status/statusor.h"
#include "archlab/plugin.h"
#include "archlab/plugin.pb.h"

namespace archlab {

// Loads the plugin for good (plugins are never unloaded) and checks that it
// registers exactly what its manifest promises. `path` is absolute and has
// passed ReadPluginNotes. Errors name the path.
absl::StatusOr<const PluginEntry*> LoadPlugin(const std::string& path,
                                              const Manifest& manifest);

// Calls the factory. What it throws becomes a status; so does no component.
absl::StatusOr<std::unique_ptr<Component>> CallFactory(
    const ComponentEntry& entry, absl::string_view config,
    const BuildContext& context);

}  // namespace archlab

#endif  // ARCHLAB_LOADER_H_
