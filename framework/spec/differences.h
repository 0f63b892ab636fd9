// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What differs between two specs, field by field.

#ifndef ARCHLAB_DIFFERENCES_H_
#define ARCHLAB_DIFFERENCES_H_

#include <string>
#include <vector>

namespace archlab {

struct SpecDifference {
  std::string path;      // "model.decoder_only.stack.position"
  std::string from, to;  // short texts; "" where the field is absent
};

// The differences of two resolved texts (Spec::Resolved), in the order of the
// first. Another component in a place is one difference, not one for each of
// its fields; `name` and `question` of an experiment do not count.
std::vector<SpecDifference> DifferencesOf(const std::string& from,
                                          const std::string& to);

// Whether setting `path` ("a.b[*].c") may change the field `at` ("a.b[2].c.d").
bool CoversPath(const std::string& path, const std::string& at);

}  // namespace archlab

#endif  // ARCHLAB_DIFFERENCES_H_
