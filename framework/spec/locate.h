// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Locate: from a path inside the spec to the place where it was written.

#ifndef ARCHLAB_LOCATE_H_
#define ARCHLAB_LOCATE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "registry/catalogue.h"
#include "spec/syntax.h"

namespace archlab {

// The deepest written part of a path.
struct Located {
  Place place;                         // of a scalar's value, else of the name
  const SyntaxValue* value = nullptr;  // what is there
  bool exact = false;                  // the whole path was found
};

// Path as in Spec::Locate: dotted, [n] for elements, through components as if
// they were not there.
Located Locate(const SyntaxValue& root, absl::string_view path);

// Goes on into the config of the component at `at` by field numbers ("3.1").
// Appends the names to *path: " [attention/dense].window".
Located LocateField(const Located& at, absl::string_view numbers,
                    const Catalogue& catalogue, std::string* path);

}  // namespace archlab

#endif  // ARCHLAB_LOCATE_H_
