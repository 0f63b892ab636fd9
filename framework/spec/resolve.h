// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Resolve: the complete spec in its canonical form, and its hash.

#ifndef ARCHLAB_RESOLVE_H_
#define ARCHLAB_RESOLVE_H_

#include <google/protobuf/message.h>

#include <string>

#include "archlab/experiment.pb.h"
#include "registry/catalogue.h"

namespace archlab {

// Sets every field that has a default and is absent, in components too. An
// absent message is made when it could stand empty: it is no part of a oneof
// and has no required field. Absent components and fields without a default
// stay absent, for there absence says something.
void FillDefaults(const Catalogue& catalogue,
                  google::protobuf::Message* message);

// Text format: fields by number, two blanks a level, no comments. The same
// message gives the same bytes.
std::string CanonicalText(const google::protobuf::Message& message,
                          const Catalogue& catalogue);

// SHA-256 (hex) of the canonical text of a resolved experiment without `name`
// and `question`: they say nothing about what is computed.
std::string SpecHash(const spec::Experiment& resolved,
                     const Catalogue& catalogue);

}  // namespace archlab

#endif  // ARCHLAB_RESOLVE_H_
