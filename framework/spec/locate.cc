// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Paths through the syntax tree.

#include "spec/locate.h"

#include <google/protobuf/descriptor.h>

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace archlab {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Element `index` of the fields called `name`; lists count item by item.
Located Element(const SyntaxValue& message, absl::string_view name, int index) {
  for (const SyntaxField& field : message.fields) {
    if (field.bracketed || field.name != name) continue;
    if (field.value.kind != SyntaxValue::kList) {
      const bool scalar = field.value.kind != SyntaxValue::kMessage;
      if (index-- == 0)
        return {scalar ? field.value.place : field.place, &field.value, true};
    } else if (size_t(index) < field.value.items.size()) {
      const SyntaxValue& item = field.value.items[index];
      return {item.place, &item, true};
    } else {
      index -= static_cast<int>(field.value.items.size());
    }
  }
  return {};
}

// "group[2]" to "group" and 2; without index 0.
absl::string_view SplitStep(absl::string_view step, int* index) {
  *index = 0;
  const size_t open = step.find('[');
  if (open == absl::string_view::npos) return step;
  absl::string_view digits = step.substr(open + 1);
  if (!digits.empty()) digits.remove_suffix(1);
  if (!absl::SimpleAtoi(digits, index) || *index < 0) *index = 0;
  return step.substr(0, open);
}

}  // namespace

Located Locate(const SyntaxValue& root, absl::string_view path) {
  Located at{root.place, &root, true};
  if (path.empty()) return at;
  for (absl::string_view step : absl::StrSplit(path, '.')) {
    const SyntaxValue* inside = at.value;
    if (const SyntaxField* component = inside->Component()) {
      at.place = component->place;
      inside = &component->value;
    }
    int index;
    const absl::string_view name = SplitStep(step, &index);
    const Located next = Element(*inside, name, index);
    if (!next.exact) {
      at.exact = false;
      return at;
    }
    at = next;
  }
  if (const SyntaxField* component = at.value->Component())
    at.place = component->place;
  return at;
}

Located LocateField(const Located& start, absl::string_view numbers,
                    const Catalogue& catalogue, std::string* path) {
  Located at = start;
  const Descriptor* type = nullptr;
  for (absl::string_view text : absl::StrSplit(numbers, '.')) {
    if (const SyntaxField* component = at.value->Component()) {
      absl::string_view kind, name;
      if (at.exact) absl::StrAppend(path, " [", component->name, "]");
      type = SplitComponent(component->name, &kind, &name)
                 ? catalogue.ConfigType(kind, name)
                 : nullptr;
      at = {component->place, &component->value, at.exact};
    }
    int number = 0;
    const FieldDescriptor* field =
        type != nullptr && absl::SimpleAtoi(text, &number)
            ? type->FindFieldByNumber(number)
            : nullptr;
    if (field == nullptr) break;
    absl::StrAppend(path, ".", field->name());
    const Located next = at.exact ? Element(*at.value, field->name(), 0) : at;
    type = field->message_type();
    if (next.exact)
      at = next;
    else
      at.exact = false;
  }
  return at;
}

}  // namespace archlab
