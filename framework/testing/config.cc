// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Configs by reflection over the descriptors that the plugins' notes carry.

#include "testing/config.h"

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"

namespace archlab {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

// Numbers above this are left out of changed configs: as a size they would take
// all memory, which is for the host to refuse.
constexpr double kLargest = 4096;

// Finds [kind/name] inside configs.
class Finder final : public TextFormat::Finder {
 public:
  const Descriptor* FindAnyType(const Message&, const std::string& prefix,
                                const std::string& name) const override {
    return TestCatalogue().ConfigType(prefix.substr(0, prefix.size() - 1),
                                      name);
  }
};

// Keeps the last error of the text parser.
class Errors final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& text) override {
    message = absl::StrCat(line + 1, ":", column + 1, ": ", text);
  }
  std::string message;
};

google::protobuf::DynamicMessageFactory& Factory() {
  static auto& factory = *new google::protobuf::DynamicMessageFactory();
  return factory;
}

// An empty config; null where the catalogue has no such component.
std::unique_ptr<Message> NewConfig(absl::string_view kind,
                                   absl::string_view name) {
  const Descriptor* const type = TestCatalogue().ConfigType(kind, name);
  if (type == nullptr) return nullptr;
  return std::unique_ptr<Message>(Factory().GetPrototype(type)->New());
}

// Values to try in a numeric field.
std::vector<double> Candidates(const Range& range, bool whole) {
  std::vector<double> values;
  const double low = range.has_min() ? range.min() : -2;
  const double high = range.has_max() ? range.max() : kLargest;
  for (const double value :
       {low, low + (whole ? 1 : 1e-6), low + 1, low + 7, 0.5, 64.0, high}) {
    const double v = whole ? std::floor(value) : value;
    const bool inside = v >= low && v <= high &&
                        !(range.exclusive_min() && v == low) &&
                        !(range.exclusive_max() && v == high);
    if (inside && std::abs(v) <= kLargest) values.push_back(v);
  }
  return values;
}

void SetNumber(Message* message, const FieldDescriptor* field, double value) {
  const Reflection* const reflection = message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(message, field, int32_t(value));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->SetInt64(message, field, int64_t(value));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->SetUInt32(message, field, uint32_t(std::abs(value)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection->SetUInt64(message, field, uint64_t(std::abs(value)));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection->SetFloat(message, field, float(value));
    default:
      return reflection->SetDouble(message, field, value);
  }
}

// Appends `base` with each value that `field` may be tried with.
void ChangeField(const Message& base, const FieldDescriptor* field,
                 std::vector<std::string>* out) {
  const std::unique_ptr<Message> changed(base.New());
  const Reflection* const reflection = changed->GetReflection();
  const auto add = [&](const auto& set) {
    changed->CopyFrom(base);
    set();
    out->push_back(changed->SerializeAsString());
  };
  if (field->is_repeated()) return;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      for (const bool value : {false, true})
        add([&] { reflection->SetBool(changed.get(), field, value); });
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      for (int i = 0; i < field->enum_type()->value_count(); ++i)
        add([&] {
          reflection->SetEnum(changed.get(), field,
                              field->enum_type()->value(i));
        });
      return;
    default:
      const bool whole = field->cpp_type() != FieldDescriptor::CPPTYPE_DOUBLE &&
                         field->cpp_type() != FieldDescriptor::CPPTYPE_FLOAT;
      for (const double value :
           Candidates(field->options().GetExtension(range), whole))
        add([&] { SetNumber(changed.get(), field, value); });
  }
}

}  // namespace

const Catalogue& TestCatalogue() {
  static const Catalogue& catalogue =
      *Catalogue::Scan(SearchPath::Default({})).release();
  return catalogue;
}

absl::StatusOr<std::string> ConfigFromText(absl::string_view kind,
                                           absl::string_view name,
                                           const std::string& text) {
  const std::unique_ptr<Message> config = NewConfig(kind, name);
  if (config == nullptr) return TestCatalogue().WhyMissing(kind, name);
  Finder finder;
  Errors errors;
  TextFormat::Parser parser;
  parser.SetFinder(&finder);
  parser.RecordErrorsTo(&errors);
  if (!parser.ParseFromString(text, config.get()))
    return absl::InvalidArgumentError(
        absl::StrCat("config of ", kind, "/", name, ", ", errors.message));
  return config->SerializeAsString();
}

std::string ConfigToText(absl::string_view kind, absl::string_view name,
                         const std::string& bytes) {
  const std::unique_ptr<Message> config = NewConfig(kind, name);
  std::string text;
  if (config == nullptr || !config->ParseFromString(bytes)) return text;
  Finder finder;
  TextFormat::Printer printer;
  printer.SetExpandAny(true);
  printer.SetFinder(&finder);
  printer.PrintToString(*config, &text);
  return text;
}

bool HasRequiredFields(absl::string_view kind, absl::string_view name) {
  const Descriptor* const type = TestCatalogue().ConfigType(kind, name);
  for (int i = 0; type != nullptr && i < type->field_count(); ++i)
    if (type->field(i)->options().GetExtension(required)) return true;
  return false;
}

std::vector<std::string> ChangedConfigs(absl::string_view kind,
                                        absl::string_view name,
                                        const std::string& bytes) {
  std::vector<std::string> changed;
  const std::unique_ptr<Message> base = NewConfig(kind, name);
  if (base == nullptr || !base->ParseFromString(bytes)) return changed;
  const Descriptor* const type = base->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i)
    ChangeField(*base, type->field(i), &changed);
  return changed;
}

}  // namespace archlab
