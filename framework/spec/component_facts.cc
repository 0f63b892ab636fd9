// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "spec/component_facts.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>

#include "absl/strings/str_cat.h"

namespace archlab {
namespace {

using google::protobuf::Any;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Adds the components in the fields of a message, messages inside it included.
void Collect(const Message& message, const std::string& path,
             std::vector<InnerComponent>* all) {
  const google::protobuf::Reflection* r = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  r->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? r->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const Message& one = field->is_repeated()
                               ? r->GetRepeatedMessage(message, field, i)
                               : r->GetMessage(message, field);
      std::string at =
          path.empty() ? field->name() : absl::StrCat(path, ".", field->name());
      if (field->is_repeated()) absl::StrAppend(&at, "[", i, "]");
      if (field->message_type()->full_name() != "google.protobuf.Any") {
        Collect(one, at, all);
        continue;
      }
      all->push_back({at, {}});  // of another pool: over the bytes
      all->back().component.ParseFromString(one.SerializeAsString());
    }
  }
}

}  // namespace

std::vector<InnerComponent> ComponentsIn(const Message& message) {
  std::vector<InnerComponent> all;
  Collect(message, "", &all);
  return all;
}

std::vector<InnerComponent> CatalogueFacts::Inside(const Any& component) const {
  absl::string_view kind, name;
  if (!SplitComponent(component.type_url(), &kind, &name)) return {};
  const auto* const type = catalogue_.ConfigType(kind, name);
  if (type == nullptr) return {};
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<Message> config(factory.GetPrototype(type)->New());
  if (!config->ParsePartialFromString(component.value())) return {};
  return ComponentsIn(*config);
}

}  // namespace archlab
