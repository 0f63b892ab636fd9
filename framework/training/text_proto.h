// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The framework's own records (run.textproto, state.textproto) as text.

#ifndef ARCHLAB_TEXT_PROTO_H_
#define ARCHLAB_TEXT_PROTO_H_

#include <string>

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace archlab {

// Doubles keep every bit.
std::string PrintTextProto(const google::protobuf::Message& message);

// Fills the message from a file. An error names file, line and column.
absl::Status ReadTextProto(const std::string& path,
                           google::protobuf::Message* message);

}  // namespace archlab

#endif  // ARCHLAB_TEXT_PROTO_H_
