// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Walks the path and replaces.

#include "spec/override.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "spec/bind.h"

namespace archlab {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Step = SyntaxOverride::Step;

class Applier {
 public:
  Applier(const SyntaxOverride& override, const Catalogue& catalogue,
          SpecErrors* errors)
      : override_(override), catalogue_(catalogue), errors_(errors) {}

  // Applies steps from `k` on to a message. `type` is nullptr inside a
  // component that does not exist: the binder reports that.
  void Walk(size_t k, const Descriptor* type, const std::string& path,
            SyntaxValue* message);

 private:
  void Error(size_t k, const std::string& path, absl::string_view text) {
    errors_->Add(override_.path[k].place, path, text);
  }
  bool Last(size_t k) const { return k + 1 == override_.path.size(); }
  void Enter(size_t k, const FieldDescriptor* field, const std::string& path,
             SyntaxValue* value);
  void Repeated(size_t k, const FieldDescriptor* field, const std::string& path,
                SyntaxValue* message);
  void Singular(size_t k, const FieldDescriptor* field, const std::string& path,
                SyntaxValue* message);
  void NoComponent(size_t k, const FieldDescriptor* field,
                   const std::string& path);
  void Replace(size_t k, const FieldDescriptor* field, SyntaxValue* message);

  const SyntaxOverride& override_;
  const Catalogue& catalogue_;
  SpecErrors* const errors_;
};

void Applier::Walk(size_t k, const Descriptor* type, const std::string& path,
                   SyntaxValue* message) {
  if (message->kind != SyntaxValue::kMessage) return;  // the binder reports it
  const Step& step = override_.path[k];
  const std::string inner = JoinPath(path, step.name);
  const FieldDescriptor* field =
      type == nullptr ? nullptr : type->FindFieldByName(step.name);
  if (type != nullptr && field == nullptr)
    return Error(k, inner, UnknownField(step.name, type));
  if (field != nullptr && field->is_repeated())
    return Repeated(k, field, inner, message);
  if (field != nullptr && step.index != Step::kNone)
    return Error(k, inner, "is not repeated: it takes no index");
  Singular(k, field, inner, message);
}

void Applier::Singular(size_t k, const FieldDescriptor* field,
                       const std::string& path, SyntaxValue* message) {
  const Step& step = override_.path[k];
  if (Last(k)) return Replace(k, field, message);
  const auto it = std::find_if(message->fields.begin(), message->fields.end(),
                               [&](const SyntaxField& f) {
                                 return !f.bracketed && f.name == step.name;
                               });
  if (it != message->fields.end()) return Enter(k, field, path, &it->value);
  if (field != nullptr && IsAny(field)) return NoComponent(k, field, path);
  SyntaxField made{step.name, false, step.place, {}};
  made.value.place = step.place;
  message->fields.push_back(std::move(made));
  Enter(k, field, path, &message->fields.back().value);
}

void Applier::Repeated(size_t k, const FieldDescriptor* field,
                       const std::string& path, SyntaxValue* message) {
  const Step& step = override_.path[k];
  if (step.index == Step::kNone) {
    if (Last(k)) return Replace(k, field, message);
    return Error(k, path,
                 absl::StrCat("is repeated: write ", step.name, "[0] or ",
                              step.name, "[*]"));
  }
  std::vector<SyntaxValue*> elements;
  for (SyntaxField& each : message->fields) {
    if (each.bracketed || each.name != step.name) continue;
    if (each.value.kind != SyntaxValue::kList)
      elements.push_back(&each.value);
    else
      for (SyntaxValue& item : each.value.items) elements.push_back(&item);
  }
  const int count = static_cast<int>(elements.size());
  if (step.index >= count || count == 0)
    return Error(k, path,
                 absl::StrCat("has ", count == 0 ? "no" : absl::StrCat(count),
                              count == 1 ? " element" : " elements",
                              count == 0 ? "" : ", counted from 0"));
  for (int i = 0; i < count; ++i) {
    if (step.index != Step::kAll && step.index != i) continue;
    if (Last(k))
      *elements[i] = override_.value;
    else
      Enter(k, field, absl::StrCat(path, "[", i, "]"), elements[i]);
  }
}

void Applier::NoComponent(size_t k, const FieldDescriptor* field,
                          const std::string& path) {
  Error(k, path,
        absl::StrCat("names no component to set a field of; before that, set '",
                     path, " = [", KindOf(field), "/NAME] {}'"));
}

// Into the value of `field`, which has further steps to go.
void Applier::Enter(size_t k, const FieldDescriptor* field,
                    const std::string& path, SyntaxValue* value) {
  if (field == nullptr) return Walk(k + 1, nullptr, path, value);
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
    return Error(k + 1, path, "is a single value: it has no fields");
  if (!IsAny(field)) return Walk(k + 1, field->message_type(), path, value);
  SyntaxField* component = value->Component();
  if (component == nullptr) return NoComponent(k, field, path);
  absl::string_view kind, name;
  const Descriptor* config = SplitComponent(component->name, &kind, &name)
                                 ? catalogue_.ConfigType(kind, name)
                                 : nullptr;
  Walk(k + 1, config, absl::StrCat(path, " [", component->name, "]"),
       &component->value);
}

// Takes out all that the field had; the value stands where the first was.
void Applier::Replace(size_t k, const FieldDescriptor* field,
                      SyntaxValue* message) {
  const Step& step = override_.path[k];
  const auto goes = [&](const SyntaxField& each) {
    if (each.bracketed) return false;
    if (each.name == step.name) return true;
    const auto* oneof = field == nullptr ? nullptr : field->containing_oneof();
    if (oneof == nullptr) return false;
    const FieldDescriptor* other =
        field->containing_type()->FindFieldByName(each.name);
    return other != nullptr && other->containing_oneof() == oneof;
  };
  std::vector<SyntaxField>& fields = message->fields;
  const auto first = std::find_if(fields.begin(), fields.end(), goes);
  const size_t at = first - fields.begin();
  fields.erase(std::remove_if(first, fields.end(), goes), fields.end());
  fields.insert(fields.begin() + at,
                SyntaxField{step.name, false, step.place, override_.value});
}

}  // namespace

void ApplyOverride(const SyntaxOverride& override, const Descriptor* type,
                   const Catalogue& catalogue, SyntaxValue* root,
                   SpecErrors* errors) {
  Applier(override, catalogue, errors).Walk(0, type, "", root);
}

}  // namespace archlab
