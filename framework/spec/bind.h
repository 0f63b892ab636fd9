// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Bind: syntax tree to message. Gives every field its type, resolves
// [kind/name] in the catalogue, and checks all that one field alone can tell.

#ifndef ARCHLAB_BIND_H_
#define ARCHLAB_BIND_H_

#include <google/protobuf/dynamic_message.h>

#include "registry/catalogue.h"
#include "spec/syntax.h"

namespace archlab {

class Binder {
 public:
  // Both outlive the binder.
  Binder(const Catalogue& catalogue, SpecErrors* errors)
      : catalogue_(catalogue), errors_(errors) {}

  // Fills `out` from `tree`; every error is added. A field with an error stays
  // unset. `path` names the message in errors; `self` is where it stands.
  void Bind(const SyntaxValue& tree, const std::string& path, Place self,
            google::protobuf::Message* out);

 private:
  struct Seen;
  void BindField(const SyntaxField& field, const std::string& path, Seen* seen,
                 google::protobuf::Message* out);
  bool CheckOnce(const SyntaxField& field,
                 const google::protobuf::FieldDescriptor* type,
                 const std::string& path, Seen* seen);
  void BindRepeated(const SyntaxField& field,
                    const google::protobuf::FieldDescriptor* type,
                    const std::string& path, Seen* seen,
                    google::protobuf::Message* out);
  void BindValue(const SyntaxValue& value, Place place,
                 const google::protobuf::FieldDescriptor* type,
                 const std::string& path, google::protobuf::Message* out);
  void BindAny(const SyntaxValue& value, Place place,
               const google::protobuf::FieldDescriptor* type,
               const std::string& path, google::protobuf::Message* out);
  // The one [kind/name] of an Any, or nullptr after an error.
  const SyntaxField* OneComponent(const SyntaxValue& value, Place place,
                                  const std::string& kind,
                                  const std::string& path);
  const google::protobuf::Descriptor* Resolve(const SyntaxField& component,
                                              const std::string& kind,
                                              const std::string& path);
  void CheckRequired(const Seen& seen, const std::string& path, Place self,
                     const google::protobuf::Descriptor* type);
  // " [norm/layer_norm], [norm/rms_norm]": what may stand there.
  std::string Choices(const std::string& kind) const;
  // "write [norm/layer_norm]" for "layer_norm" and for its config type.
  std::string Meant(const std::string& name, const std::string& kind) const;

  const Catalogue& catalogue_;
  SpecErrors* const errors_;
  google::protobuf::DynamicMessageFactory factory_;
};

// Whether the field holds a component.
bool IsAny(const google::protobuf::FieldDescriptor* field);
// Kind of component that an Any field holds; "" where it does not say.
std::string KindOf(const google::protobuf::FieldDescriptor* field);
// Sets type_url and value of an Any of whatever class.
void SetAny(const std::string& type_url, const std::string& value,
            google::protobuf::Message* any);
// "path.name".
std::string JoinPath(const std::string& path, const std::string& name);
// Names of a message's fields.
std::vector<std::string> FieldNames(
    const google::protobuf::Descriptor* descriptor);
// What to say about a name that is none of the message's fields.
std::string UnknownField(const std::string& name,
                         const google::protobuf::Descriptor* descriptor);

}  // namespace archlab

#endif  // ARCHLAB_BIND_H_
