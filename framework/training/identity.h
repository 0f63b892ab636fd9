// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The identity of a run: all that decides which bytes it makes.

#ifndef ARCHLAB_IDENTITY_H_
#define ARCHLAB_IDENTITY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archlab/run.pb.h"
#include "registry/catalogue.h"
#include "spec/spec.h"

namespace archlab {

// The identity of a run of this process: hash of the spec, code of libarchlab
// and of the plugins that the spec names, the given hash of the corpus, ISA,
// threads, library versions.
absl::StatusOr<RunIdentity> MakeIdentity(const Spec& spec,
                                         const Catalogue& catalogue,
                                         const std::string& data_sha256);

// Whether a run may be continued. Another spec or corpus is an error with the
// remedy, because the result would be neither run. Other code, ISA, threads or
// libraries add a warning each: it is the same run, but its bytes may differ.
absl::Status CompareIdentity(const RunIdentity& saved, const RunIdentity& now,
                             std::vector<std::string>* warnings);

// What differs beside the spec: "archlab's code changed from 01234567 to
// 89abcdef".
std::vector<std::string> ChangesOf(const RunIdentity& saved,
                                   const RunIdentity& now);

// Sorted "kind/name" of all components that the spec names.
std::vector<std::string> ComponentsOf(const Spec& spec,
                                      const Catalogue& catalogue);

}  // namespace archlab

#endif  // ARCHLAB_IDENTITY_H_
