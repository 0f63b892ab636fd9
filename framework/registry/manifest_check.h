// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Checks of a manifest that was read from a plugin, and the descriptor pool
// that grows by the accepted ones.

#ifndef ARCHLAB_MANIFEST_CHECK_H_
#define ARCHLAB_MANIFEST_CHECK_H_

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "archlab/plugin.pb.h"

namespace archlab {

// Whether the manifest alone makes sense: names, known kinds, interface
// revisions in range, config types among its own descriptors.
absl::Status CheckManifest(const Manifest& manifest);

// A pool on top of the generated one that holds the descriptors of accepted
// manifests. A refused manifest leaves no trace in it.
class ManifestPool {
 public:
  ManifestPool();
  // AlreadyExists when a file or a name of the manifest is taken.
  absl::Status Add(const Manifest& manifest);
  // Hands the pool over; the object is of no more use.
  std::unique_ptr<google::protobuf::DescriptorPool> Release();

 private:
  absl::Status Build(const Manifest& manifest);

  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  std::vector<Manifest> accepted_;
};

}  // namespace archlab

#endif  // ARCHLAB_MANIFEST_CHECK_H_
