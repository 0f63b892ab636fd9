// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Defaults, canonical text, hash.

#include "spec/resolve.h"

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/plugin.pb.h"
#include "base/sha256.h"
#include "spec/bind.h"

namespace archlab {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

// Config type of an Any's type_url, or nullptr.
const Descriptor* ConfigOf(const Catalogue& catalogue,
                           const std::string& type_url) {
  absl::string_view kind, name;
  return SplitComponent(type_url, &kind, &name)
             ? catalogue.ConfigType(kind, name)
             : nullptr;
}

class DefaultFiller {
 public:
  explicit DefaultFiller(const Catalogue& catalogue) : catalogue_(catalogue) {}
  void Fill(Message* message);

 private:
  void FillAny(Message* any);
  void FillScalar(const FieldDescriptor* field, Message* message);
  bool MayStandEmpty(const FieldDescriptor* field) const;

  const Catalogue& catalogue_;
  google::protobuf::DynamicMessageFactory factory_;
  std::vector<const Descriptor*> made_;  // absent messages being made
};

void DefaultFiller::Fill(Message* message) {
  const Reflection* reflection = message->GetReflection();
  const Descriptor* type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      FillScalar(field, message);
    } else if (field->is_repeated()) {
      for (int k = 0; k < reflection->FieldSize(*message, field); ++k) {
        Message* part = reflection->MutableRepeatedMessage(message, field, k);
        IsAny(field) ? FillAny(part) : Fill(part);
      }
    } else if (reflection->HasField(*message, field)) {
      Message* part = reflection->MutableMessage(message, field);
      IsAny(field) ? FillAny(part) : Fill(part);
    } else if (MayStandEmpty(field)) {
      made_.push_back(field->message_type());
      Fill(reflection->MutableMessage(message, field));
      made_.pop_back();
    }
  }
}

bool DefaultFiller::MayStandEmpty(const FieldDescriptor* field) const {
  const Descriptor* type = field->message_type();
  if (IsAny(field) || field->containing_oneof() != nullptr) return false;
  // A message that holds itself would never end.
  if (std::count(made_.begin(), made_.end(), type) > 0) return false;
  for (int i = 0; i < type->field_count(); ++i)
    if (type->field(i)->options().GetExtension(archlab::required)) return false;
  return true;
}

void DefaultFiller::FillAny(Message* any) {
  const Reflection* reflection = any->GetReflection();
  const Descriptor* type = any->GetDescriptor();
  const std::string url =
      reflection->GetString(*any, type->FindFieldByNumber(1));
  const Descriptor* config = ConfigOf(catalogue_, url);
  if (config == nullptr) return;
  std::unique_ptr<Message> part(factory_.GetPrototype(config)->New());
  if (!part->ParsePartialFromString(
          reflection->GetString(*any, type->FindFieldByNumber(2))))
    return;
  Fill(part.get());
  std::string bytes;
  part->SerializePartialToString(&bytes);
  SetAny(url, bytes, any);
}

void DefaultFiller::FillScalar(const FieldDescriptor* field, Message* message) {
  const Reflection* r = message->GetReflection();
  if (field->is_repeated() || field->containing_oneof() != nullptr ||
      !field->has_default_value() || r->HasField(*message, field))
    return;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return r->SetInt32(message, field, field->default_value_int32());
    case FieldDescriptor::CPPTYPE_INT64:
      return r->SetInt64(message, field, field->default_value_int64());
    case FieldDescriptor::CPPTYPE_UINT32:
      return r->SetUInt32(message, field, field->default_value_uint32());
    case FieldDescriptor::CPPTYPE_UINT64:
      return r->SetUInt64(message, field, field->default_value_uint64());
    case FieldDescriptor::CPPTYPE_FLOAT:
      return r->SetFloat(message, field, field->default_value_float());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return r->SetDouble(message, field, field->default_value_double());
    case FieldDescriptor::CPPTYPE_BOOL:
      return r->SetBool(message, field, field->default_value_bool());
    case FieldDescriptor::CPPTYPE_ENUM:
      return r->SetEnum(message, field, field->default_value_enum());
    case FieldDescriptor::CPPTYPE_STRING:
      return r->SetString(message, field, field->default_value_string());
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
  }
}

// Lets the printer expand [kind/name].
class CatalogueFinder : public TextFormat::Finder {
 public:
  explicit CatalogueFinder(const Catalogue& catalogue)
      : catalogue_(catalogue) {}
  const Descriptor* FindAnyType(const Message&, const std::string& prefix,
                                const std::string& name) const override {
    return ConfigOf(catalogue_, prefix + name);
  }

 private:
  const Catalogue& catalogue_;
};

}  // namespace

void FillDefaults(const Catalogue& catalogue, Message* message) {
  DefaultFiller(catalogue).Fill(message);
}

std::string CanonicalText(const Message& message, const Catalogue& catalogue) {
  const CatalogueFinder finder(catalogue);
  TextFormat::Printer printer;
  printer.SetFinder(&finder);
  printer.SetExpandAny(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

std::string SpecHash(const spec::Experiment& resolved,
                     const Catalogue& catalogue) {
  spec::Experiment what = resolved;
  what.clear_name();
  what.clear_question();
  return Sha256Hex(CanonicalText(what, catalogue));
}

}  // namespace archlab
