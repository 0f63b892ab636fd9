// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// One scalar of a spec: from its written form to a field of a message, with
// all that the field's type and options say about it.

#ifndef ARCHLAB_SCALAR_H_
#define ARCHLAB_SCALAR_H_

#include <google/protobuf/message.h>

#include <string>

#include "spec/syntax.h"

namespace archlab {

// Sets `field` (appends to it, where it is repeated). Returns "" or what is
// wrong and what is allowed: "must be at least 1, but is 0"; the message is
// then unchanged. Refused: other types, unknown enum values and numbers,
// numbers that are not finite, too large, or outside (archlab.range), text that
// is not UTF-8 or has zero bytes.
std::string SetScalar(const SyntaxValue& value,
                      const google::protobuf::FieldDescriptor* field,
                      google::protobuf::Message* message);

// "from 1 to 65536 channels", "at least 0 and less than 1"; "" without range.
std::string RangeText(const google::protobuf::FieldDescriptor* field);

// Names of an enum's values.
std::vector<std::string> EnumNames(
    const google::protobuf::EnumDescriptor* descriptor);

}  // namespace archlab

#endif  // ARCHLAB_SCALAR_H_
