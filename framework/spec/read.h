// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reading the text of a spec into a message: an experiment or a study.

#ifndef ARCHLAB_READ_H_
#define ARCHLAB_READ_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "registry/catalogue.h"
#include "spec/syntax.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace archlab {

// The file's text; an error where it is empty or far too large. `holds` tells
// the user of an empty file what belongs there.
absl::StatusOr<std::string> ReadSpecFile(const std::string& file,
                                         absl::string_view holds);

// A text as it was written.
struct WrittenSpec {
  std::vector<Source> sources;  // the file, then the overrides
  SyntaxValue root;
};

// Fills `out` from `text` and then `overrides` ("path = value"). Every error is
// added; `file` is the name that they show. False where the syntax is wrong and
// `out` was left alone.
bool ReadMessage(const std::string& file, const std::string& text,
                 const std::vector<std::string>& overrides,
                 const Catalogue& catalogue, WrittenSpec* written,
                 google::protobuf::Message* out, SpecErrors* errors);

}  // namespace archlab

#endif  // ARCHLAB_READ_H_
