// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Fields, repeated fields, components.

#include "spec/bind.h"

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "archlab/plugin.pb.h"
#include "base/suggest.h"
#include "spec/scalar.h"

namespace archlab {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

// What a message has had so far.
struct Binder::Seen {
  std::map<const FieldDescriptor*, int>
      count;  // elements, of singular fields 1
  std::map<const OneofDescriptor*, const FieldDescriptor*> oneof;
  std::set<std::string> meant;  // fields that a mistyped name stands for
};

bool IsAny(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field->message_type()->full_name() == "google.protobuf.Any";
}

std::string KindOf(const FieldDescriptor* field) {
  return field->options().GetExtension(archlab::kind);
}

void SetAny(const std::string& type_url, const std::string& value,
            Message* any) {
  const Descriptor* type = any->GetDescriptor();
  const google::protobuf::Reflection* reflection = any->GetReflection();
  reflection->SetString(any, type->FindFieldByNumber(1), type_url);
  reflection->SetString(any, type->FindFieldByNumber(2), value);
}

std::string JoinPath(const std::string& path, const std::string& name) {
  return path.empty() ? name : absl::StrCat(path, ".", name);
}

std::vector<std::string> FieldNames(const Descriptor* descriptor) {
  std::vector<std::string> names;
  names.reserve(descriptor->field_count());
  for (int i = 0; i < descriptor->field_count(); ++i)
    names.push_back(descriptor->field(i)->name());
  return names;
}

std::string UnknownField(const std::string& name,
                         const Descriptor* descriptor) {
  const std::vector<std::string> names = FieldNames(descriptor);
  std::string hint = DidYouMean(name, names);
  if (hint.empty())
    hint = names.empty()
               ? absl::StrCat(" ", descriptor->name(), " has no fields.")
               : absl::StrCat(" ", descriptor->name(), " has ",
                              absl::StrJoin(names, ", "), ".");
  return absl::StrCat("there is no such field.", hint);
}

std::string Binder::Choices(const std::string& kind) const {
  const std::vector<std::string> names = catalogue_.Names(kind);
  if (names.empty())
    return absl::StrCat("no plugin for the kind '", kind, "' is installed");
  return absl::StrCat("there are [", absl::StrJoin(names, "], ["), "]");
}

std::string Binder::Meant(const std::string& name,
                          const std::string& kind) const {
  const std::string last = name.substr(name.find_last_of('/') + 1);
  for (const std::string& each : catalogue_.Names(kind)) {
    absl::string_view its_kind, its_name;
    SplitComponent(each, &its_kind, &its_name);
    const ComponentManifest* manifest = catalogue_.Find(its_kind, its_name);
    if (last == its_name || last == manifest->config_type())
      return absl::StrCat("write [", each, "]");
  }
  return Choices(kind);
}

void Binder::Bind(const SyntaxValue& tree, const std::string& path, Place self,
                  Message* out) {
  Seen seen;
  for (const SyntaxField& field : tree.fields) {
    if (errors_->full()) return;
    BindField(field, path, &seen, out);
  }
  CheckRequired(seen, path, self, out->GetDescriptor());
}

void Binder::BindField(const SyntaxField& field, const std::string& path,
                       Seen* seen, Message* out) {
  const Descriptor* descriptor = out->GetDescriptor();
  if (field.bracketed) {
    errors_->Add(
        field.place, path,
        absl::StrCat("no component stands here, but found [", field.name,
                     "]. Fields of ", descriptor->name(), ": ",
                     absl::StrJoin(FieldNames(descriptor), ", ")));
    return;
  }
  const std::string inner = JoinPath(path, field.name);
  const FieldDescriptor* type = descriptor->FindFieldByName(field.name);
  if (type == nullptr) {
    errors_->Add(field.place, inner, UnknownField(field.name, descriptor));
    seen->meant.insert(Nearest(field.name, FieldNames(descriptor)));
  } else if (type->is_repeated()) {
    BindRepeated(field, type, inner, seen, out);
  } else if (CheckOnce(field, type, inner, seen)) {
    BindValue(field.value, field.place, type, inner, out);
  }
}

bool Binder::CheckOnce(const SyntaxField& field, const FieldDescriptor* type,
                       const std::string& path, Seen* seen) {
  if (++seen->count[type] > 1) {
    errors_->Add(field.place, path, "is set a second time");
    return false;
  }
  if (const OneofDescriptor* oneof = type->containing_oneof()) {
    const FieldDescriptor*& other = seen->oneof[oneof];
    if (other != nullptr) {
      errors_->Add(field.place, path,
                   absl::StrCat("cannot stand beside ", other->name(),
                                ": set one of them"));
      return false;
    }
    other = type;
  }
  if (field.value.kind == SyntaxValue::kList) {
    errors_->Add(field.value.place, path, "takes one value, but is a list");
    return false;
  }
  return true;
}

void Binder::BindRepeated(const SyntaxField& field, const FieldDescriptor* type,
                          const std::string& path, Seen* seen, Message* out) {
  int& count = seen->count[type];
  if (field.value.kind != SyntaxValue::kList) {
    BindValue(field.value, field.place, type,
              absl::StrCat(path, "[", count++, "]"), out);
    return;
  }
  for (const SyntaxValue& item : field.value.items) {
    if (errors_->full()) return;
    const std::string inner = absl::StrCat(path, "[", count++, "]");
    if (item.kind == SyntaxValue::kList)
      errors_->Add(item.place, inner, "is a list inside a list");
    else
      BindValue(item, item.place, type, inner, out);
  }
}

void Binder::BindValue(const SyntaxValue& value, Place place,
                       const FieldDescriptor* type, const std::string& path,
                       Message* out) {
  if (type->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    const std::string wrong = SetScalar(value, type, out);
    if (!wrong.empty()) errors_->Add(value.place, path, wrong);
    return;
  }
  const google::protobuf::Reflection* reflection = out->GetReflection();
  Message* part = type->is_repeated() ? reflection->AddMessage(out, type)
                                      : reflection->MutableMessage(out, type);
  if (IsAny(type))
    BindAny(value, place, type, path, part);
  else if (value.kind != SyntaxValue::kMessage)
    errors_->Add(value.place, path,
                 absl::StrCat("must be a message, ", type->name(),
                              " { ... }, but is ", value.Shown()));
  else
    Bind(value, path, place, part);
}

void Binder::BindAny(const SyntaxValue& value, Place place,
                     const FieldDescriptor* type, const std::string& path,
                     Message* out) {
  const std::string kind = KindOf(type);
  const SyntaxField* component = OneComponent(value, place, kind, path);
  if (component == nullptr) return;
  const Descriptor* config = Resolve(*component, kind, path);
  if (config == nullptr) return;
  if (component->value.kind != SyntaxValue::kMessage) {
    errors_->Add(component->value.place, path,
                 absl::StrCat("the config of a component is a message, [",
                              component->name, "] { ... }"));
    return;
  }
  std::unique_ptr<Message> part(factory_.GetPrototype(config)->New());
  Bind(component->value, absl::StrCat(path, " [", component->name, "]"),
       component->place, part.get());
  std::string bytes;
  part->SerializePartialToString(&bytes);
  SetAny(component->name, bytes, out);
}

const SyntaxField* Binder::OneComponent(const SyntaxValue& value, Place place,
                                        const std::string& kind,
                                        const std::string& path) {
  const std::string form = absl::StrCat("{ [", kind, "/NAME] { ... } }; ");
  if (value.kind != SyntaxValue::kMessage) {
    errors_->Add(value.place, path,
                 absl::StrCat("must be a component, ", form, Choices(kind)));
    return nullptr;
  }
  if (value.fields.empty()) {
    errors_->Add(
        place, path,
        absl::StrCat("names no component; write ", form, Choices(kind)));
    return nullptr;
  }
  const SyntaxField& first = value.fields[0];
  if (!first.bracketed) {
    const bool raw = first.name == "type_url" || first.name == "value";
    errors_->Add(
        first.place, path,
        absl::StrCat(raw ? "raw bytes of a component are refused"
                         : absl::StrCat("'", first.name,
                                        "' stands outside of a component"),
                     "; write ", form, Choices(kind)));
    return nullptr;
  }
  for (size_t i = 1; i < value.fields.size(); ++i)
    errors_->Add(value.fields[i].place, path,
                 absl::StrCat("holds one component; nothing may follow [",
                              first.name, "] { ... }"));
  return &first;
}

const Descriptor* Binder::Resolve(const SyntaxField& component,
                                  const std::string& kind,
                                  const std::string& path) {
  absl::string_view has_kind, name;
  if (!SplitComponent(component.name, &has_kind, &name) ||
      absl::StrContains(component.name, ".")) {
    errors_->Add(
        component.place, path,
        absl::StrCat("[", component.name, "] is not of the form [kind/name]; ",
                     Meant(component.name, kind)));
    return nullptr;
  }
  if (!kind.empty() && has_kind != kind &&
      !catalogue_.Names(has_kind).empty()) {
    errors_->Add(
        component.place, path,
        absl::StrCat("takes the kind ", kind, ", but [", component.name,
                     "] is of the kind ", has_kind, "; ", Choices(kind)));
    return nullptr;
  }
  const Descriptor* config = catalogue_.ConfigType(has_kind, name);
  if (config == nullptr || (!kind.empty() && has_kind != kind)) {
    errors_->Add(component.place, path,
                 catalogue_.WhyMissing(has_kind, name).message());
    return nullptr;
  }
  return config;
}

void Binder::CheckRequired(const Seen& seen, const std::string& path,
                           Place self, const Descriptor* type) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!field->options().GetExtension(archlab::required)) continue;
    const auto it = seen.count.find(field);
    if (it != seen.count.end() && it->second > 0) continue;
    if (seen.meant.count(field->name()) > 0) continue;
    std::string what = "is required";
    if (IsAny(field))
      absl::StrAppend(&what, ": ", field->name(), " { [", KindOf(field),
                      "/NAME] { ... } }; ", Choices(KindOf(field)));
    errors_->Add(self, JoinPath(path, field->name()), what);
  }
}

}  // namespace archlab
