// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What a plugin file says of itself, read without running any of it.

#ifndef ARCHLAB_PLUGIN_NOTE_H_
#define ARCHLAB_PLUGIN_NOTE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "archlab/plugin.pb.h"

namespace archlab {

// The notes of a plugin file.
struct PluginNotes {
  std::string abi_tag;
  Manifest manifest;
  uint64_t device = 0, inode = 0;  // identity of the file
};

// Reads the notes of the file and checks what can be checked without other
// plugins: a whole shared library for this machine, not writable by everyone,
// built for this host's ABI, with a manifest in order. Errors do not repeat
// the path.
absl::StatusOr<PluginNotes> ReadPluginNotes(const std::string& path,
                                            bool allow_insecure);

// Whether a plugin with this tag can be loaded; the error lists what differs.
absl::Status CheckAbiTag(absl::string_view plugin_tag);

// Whether everyone may put files next to `path`, or replace it.
absl::Status CheckSecure(const std::string& path, bool file_world_writable);

}  // namespace archlab

#endif  // ARCHLAB_PLUGIN_NOTE_H_
