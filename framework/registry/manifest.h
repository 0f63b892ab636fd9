// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// From a plugin's .proto to its manifest, at build time (archlab-manifest).

#ifndef ARCHLAB_MANIFEST_H_
#define ARCHLAB_MANIFEST_H_

#include <google/protobuf/descriptor.pb.h>

#include <string>

#include "absl/status/statusor.h"
#include "archlab/plugin.pb.h"

namespace archlab {

// What the build knows of the plugin.
struct ManifestRequest {
  google::protobuf::FileDescriptorSet descriptors;  // with source locations
  std::string kind;
  std::string name;
  std::string version;
  std::string licence;
  std::string proto_path;  // on disk, for error messages
};

// The manifest, or every fault of the .proto as "file:line:col: fault", one a
// line: undocumented fields, a wrong package, a missing (archlab.component).
absl::StatusOr<Manifest> MakeManifest(const ManifestRequest& request);

// C++ source of the object that carries the manifest as an ELF note.
std::string NoteSource(const Manifest& manifest);

}  // namespace archlab

#endif  // ARCHLAB_MANIFEST_H_
