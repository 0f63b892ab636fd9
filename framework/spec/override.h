// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Override: `path = value` on a syntax tree, so that whatever is found wrong
// later points at the override.

#ifndef ARCHLAB_OVERRIDE_H_
#define ARCHLAB_OVERRIDE_H_

#include <google/protobuf/descriptor.h>

#include "registry/catalogue.h"
#include "spec/syntax.h"

namespace archlab {

// Sets the value in the tree of a message of type `type`.
//
// A path walks through components as if they were not there; name[2] is one
// element of a repeated field, name[*] every one, name alone the whole field as
// the last step. Messages on the way are made when absent. A value replaces
// what was there, whole, and, in a oneof, its siblings.
void ApplyOverride(const SyntaxOverride& override,
                   const google::protobuf::Descriptor* type,
                   const Catalogue& catalogue, SyntaxValue* root,
                   SpecErrors* errors);

}  // namespace archlab

#endif  // ARCHLAB_OVERRIDE_H_
