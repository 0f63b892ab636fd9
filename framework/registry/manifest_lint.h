// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rules for the .proto of a plugin.

#ifndef ARCHLAB_MANIFEST_LINT_H_
#define ARCHLAB_MANIFEST_LINT_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace archlab {

// Collects faults of one .proto, each with its place.
class ProtoLint {
 public:
  // `path` stands in the messages for the file.
  ProtoLint(const google::protobuf::FileDescriptor& file, std::string path,
            absl::string_view kind);
  // Goes through the whole file.
  void Run();
  void Fault(const google::protobuf::SourceLocation& place,
             absl::string_view message);
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  void CheckMessage(const google::protobuf::Descriptor& message);
  void CheckField(const google::protobuf::FieldDescriptor& field);
  void CheckRange(const google::protobuf::FieldDescriptor& field);
  void CheckEnum(const google::protobuf::EnumDescriptor& type);
  // A fault at an element by its path in FileDescriptorProto.
  void FaultAt(const std::vector<int>& path, absl::string_view message);
  // Faults what has no comment. Returns the place of `d` in the file.
  template <class D>
  google::protobuf::SourceLocation CheckComment(const D& d,
                                                absl::string_view what);

  const google::protobuf::FileDescriptor& file_;
  const std::string path_;
  const std::string kind_;
  std::vector<std::string> faults_;
};

}  // namespace archlab

#endif  // ARCHLAB_MANIFEST_LINT_H_
