// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab plugins describe: documentation from the note alone.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/plugins.h"
#include "registry/comments.h"

namespace archlab {
namespace {

namespace pb = google::protobuf;
using Json = nlohmann::ordered_json;

constexpr size_t kColumns = 80;

// `text` in lines of at most kColumns, each indented.
std::string Wrapped(const std::string& text, size_t indent) {
  std::string out, line(indent, ' ');
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (line.size() > indent && line.size() + 1 + word.size() > kColumns) {
      absl::StrAppend(&out, line, "\n");
      line.assign(indent, ' ');
    }
    absl::StrAppend(&line, line.size() > indent ? " " : "", word);
  }
  if (line.size() > indent) absl::StrAppend(&out, line, "\n");
  return out;
}

std::string TypeOf(const pb::FieldDescriptor& field) {
  std::string type;
  if (field.options().HasExtension(archlab::kind))
    type =
        absl::StrCat("[", field.options().GetExtension(archlab::kind), "/...]");
  else if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE)
    type = field.message_type()->name();
  else if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM)
    type = field.enum_type()->name();
  else
    type = field.type_name();
  return field.is_repeated() ? "repeated " + type : type;
}

// The default as a spec would write it; "" where there is none.
std::string DefaultOf(const pb::FieldDescriptor& field) {
  if (field.is_repeated() ||
      field.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE)
    return "";
  pb::FieldDescriptorProto proto;
  field.CopyTo(&proto);
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM)
    return field.default_value_enum()->name();
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING)
    return absl::StrCat("\"", proto.default_value(), "\"");
  if (proto.has_default_value()) return proto.default_value();
  return field.cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL ? "false" : "0";
}

// "1 .. 64", "> 0", ...; "" where there is none.
std::string RangeOf(const pb::FieldDescriptor& field) {
  if (!field.options().HasExtension(archlab::range)) return "";
  const Range& range = field.options().GetExtension(archlab::range);
  std::vector<std::string> ends;
  if (range.has_min())
    ends.push_back(
        absl::StrCat(range.exclusive_min() ? "> " : ">= ", range.min()));
  if (range.has_max())
    ends.push_back(
        absl::StrCat(range.exclusive_max() ? "< " : "<= ", range.max()));
  return absl::StrJoin(ends, ", ");
}

std::vector<std::string> TraitNames(const Traits& traits) {
  std::vector<std::string> names;
  const pb::Reflection& reflection = *traits.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(traits, &fields);
  for (const pb::FieldDescriptor* field : fields)
    if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL &&
        reflection.GetBool(traits, field))
      names.push_back(field->name());
  return names;
}

Json FieldJson(const pb::FieldDescriptor& field) {
  Json json;
  json["name"] = field.name();
  json["type"] = TypeOf(field);
  if (!DefaultOf(field).empty()) json["default"] = DefaultOf(field);
  if (!RangeOf(field).empty()) json["range"] = RangeOf(field);
  if (field.options().HasExtension(archlab::unit))
    json["unit"] = field.options().GetExtension(archlab::unit);
  json["required"] = field.options().GetExtension(archlab::required);
  json["comment"] = CommentOf(field);
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM)
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      const pb::EnumValueDescriptor& value = *field.enum_type()->value(i);
      json["values"].push_back(
          {{"name", value.name()}, {"comment", CommentOf(value)}});
    }
  return json;
}

// The messages of the component's own .proto that `type` reaches, itself first.
void Reach(const pb::Descriptor& type, std::set<const pb::Descriptor*>* seen,
           std::vector<const pb::Descriptor*>* order) {
  if (!seen->insert(&type).second) return;
  order->push_back(&type);
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::Descriptor* inner = type.field(i)->message_type();
    if (inner && inner->file() == type.file()) Reach(*inner, seen, order);
  }
}

std::string FieldText(const Json& field) {
  std::string head = absl::StrCat("  ", field["name"].get<std::string>(), ": ",
                                  field["type"].get<std::string>());
  if (field.contains("unit"))
    absl::StrAppend(&head, ", ", field["unit"].get<std::string>());
  if (field["required"].get<bool>())
    absl::StrAppend(&head, ", required");
  else if (field.contains("default"))
    absl::StrAppend(&head, ", default ", field["default"].get<std::string>());
  if (field.contains("range"))
    absl::StrAppend(&head, ", ", field["range"].get<std::string>());
  std::string text = head + "\n";
  absl::StrAppend(&text, Wrapped(field["comment"].get<std::string>(), 6));
  if (field.contains("values"))
    for (const Json& value : field["values"])
      absl::StrAppend(&text, "      ", value["name"].get<std::string>(), "\n",
                      Wrapped(value["comment"].get<std::string>(), 10));
  return text;
}

Json ComponentJson(const PluginFile& file, const ComponentManifest& component,
                   const pb::Descriptor& type) {
  Json json;
  json["component"] = absl::StrCat(component.kind(), "/", component.name());
  json["id"] = file.manifest.id();
  json["version"] = file.manifest.version();
  json["licence"] = file.manifest.licence();
  json["path"] = file.path;
  json["comment"] = CommentOf(type);
  json["source"] = component.source();
  json["traits"] = TraitNames(component.traits());
  std::set<const pb::Descriptor*> seen;
  std::vector<const pb::Descriptor*> messages;
  Reach(type, &seen, &messages);
  for (const pb::Descriptor* message : messages) {
    Json fields = Json::array();
    for (int i = 0; i < message->field_count(); ++i)
      fields.push_back(FieldJson(*message->field(i)));
    json["messages"].push_back({{"name", message->name()},
                                {"comment", CommentOf(*message)},
                                {"fields", fields}});
  }
  return json;
}

std::string ComponentText(const Json& json) {
  const auto line = [&json](const char* label, const char* key) {
    const std::string value = json[key].get<std::string>();
    return value.empty() ? "" : absl::StrCat(label, value, "\n");
  };
  std::string text = absl::StrCat(
      json["component"].get<std::string>(), "\n", Wrapped(json["comment"], 2),
      "\n", line("Source:  ", "source"), line("Plugin:  ", "id"),
      line("Version: ", "version"), line("Licence: ", "licence"),
      line("File:    ", "path"));
  const auto traits = json["traits"].get<std::vector<std::string>>();
  if (!traits.empty())
    absl::StrAppend(&text, "Traits:  ", absl::StrJoin(traits, ", "), "\n");
  bool config = true;  // the first message is the config itself
  for (const Json& message : json["messages"]) {
    const std::string name = message["name"];
    if (config && message["fields"].empty()) {
      absl::StrAppend(&text, "\nThere is nothing to configure.\n");
    } else {
      absl::StrAppend(&text, "\n", config ? "Fields" : name, ":\n");
      if (!config) absl::StrAppend(&text, Wrapped(message["comment"], 2));
      for (const Json& field : message["fields"])
        absl::StrAppend(&text, FieldText(field));
    }
    config = false;
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> DescribeComponent(const Catalogue& catalogue,
                                              absl::string_view component,
                                              bool json) {
  absl::string_view kind, name;
  if (!SplitComponent(component, &kind, &name))
    return absl::InvalidArgumentError(
        absl::StrCat("'", component,
                     "' is no component: write KIND/NAME, as attention/dense. "
                     "'archlab plugins list' shows all"));
  const ComponentManifest* found = catalogue.Find(kind, name);
  if (!found) return catalogue.WhyMissing(kind, name);
  const Json described = ComponentJson(*catalogue.Provider(kind, name), *found,
                                       *catalogue.ConfigType(kind, name));
  return json ? described.dump(2, ' ', false, Json::error_handler_t::replace) +
                    "\n"
              : ComponentText(described);
}

}  // namespace archlab
