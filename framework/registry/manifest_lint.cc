// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rules for the .proto of a plugin; see manifest_lint.h.

#include "registry/manifest_lint.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archlab/plugin.pb.h"
#include "registry/comments.h"
#include "registry/kinds.h"

namespace archlab {
namespace {

namespace pb = google::protobuf;

bool IsNumber(const pb::FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_BOOL:
    case pb::FieldDescriptor::CPPTYPE_ENUM:
    case pb::FieldDescriptor::CPPTYPE_STRING:
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return false;
    default:
      return true;
  }
}

double DefaultOf(const pb::FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return field.default_value_int32();
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(field.default_value_int64());
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return field.default_value_uint32();
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(field.default_value_uint64());
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
      return field.default_value_float();
    default:
      return field.default_value_double();
  }
}

// "NormType" -> "NORM_TYPE_".
std::string ValuePrefix(absl::string_view enum_name) {
  std::string prefix;
  for (size_t i = 0; i < enum_name.size(); ++i) {
    if (i > 0 && absl::ascii_isupper(enum_name[i])) prefix.push_back('_');
    prefix.push_back(absl::ascii_toupper(enum_name[i]));
  }
  return prefix + "_";
}

template <class D>
pb::SourceLocation PlaceOf(const D& descriptor) {
  pb::SourceLocation place = {};
  descriptor.GetSourceLocation(&place);
  return place;
}

}  // namespace

ProtoLint::ProtoLint(const pb::FileDescriptor& file, std::string path,
                     absl::string_view kind)
    : file_(file), path_(std::move(path)), kind_(kind) {}

void ProtoLint::Fault(const pb::SourceLocation& place,
                      absl::string_view message) {
  faults_.push_back(absl::StrCat(path_, ":", place.start_line + 1, ":",
                                 place.start_column + 1, ": ", message));
}

void ProtoLint::FaultAt(const std::vector<int>& path,
                        absl::string_view message) {
  pb::SourceLocation place = {};
  file_.GetSourceLocation(path, &place);
  Fault(place, message);
}

void ProtoLint::Run() {
  if (file_.syntax() != pb::FileDescriptor::SYNTAX_PROTO2)
    FaultAt({pb::FileDescriptorProto::kSyntaxFieldNumber},
            "a plugin's .proto is proto2, because defaults live in it. Write "
            "'syntax = \"proto2\";'");
  const bool kind_last = absl::EndsWith(file_.package(), "." + kind_);
  if (!kind_last || file_.package().find('.') != file_.package().rfind('.'))
    FaultAt({pb::FileDescriptorProto::kPackageFieldNumber},
            absl::StrCat("the package is '", file_.package(),
                         "'; it must be '<vendor>.", kind_, "', for example '",
                         "acme.", kind_, "'"));
  if (file_.extension_count() > 0)
    FaultAt({pb::FileDescriptorProto::kExtensionFieldNumber, 0},
            "a plugin's .proto declares no extensions");
  if (file_.service_count() > 0)
    FaultAt({pb::FileDescriptorProto::kServiceFieldNumber, 0},
            "a plugin's .proto declares no services");
  for (int i = 0; i < file_.message_type_count(); ++i)
    CheckMessage(*file_.message_type(i));
  for (int i = 0; i < file_.enum_type_count(); ++i)
    CheckEnum(*file_.enum_type(i));
}

template <class D>
pb::SourceLocation ProtoLint::CheckComment(const D& d, absl::string_view what) {
  const pb::SourceLocation place = PlaceOf(d);
  if (CommentOf(d).empty())
    Fault(place, absl::StrCat(what, " '", d.name(),
                              "' has no comment; write one above it, it "
                              "becomes the documentation"));
  return place;
}

void ProtoLint::CheckMessage(const pb::Descriptor& message) {
  if (!message.options().map_entry()) CheckComment(message, "message");
  if (message.extension_count() > 0 || message.extension_range_count() > 0)
    Fault(PlaceOf(message), "a plugin's messages have no extensions");
  for (int i = 0; i < message.field_count(); ++i)
    if (!message.options().map_entry()) CheckField(*message.field(i));
  for (int i = 0; i < message.nested_type_count(); ++i)
    CheckMessage(*message.nested_type(i));
  for (int i = 0; i < message.enum_type_count(); ++i)
    CheckEnum(*message.enum_type(i));
}

void ProtoLint::CheckField(const pb::FieldDescriptor& field) {
  const pb::SourceLocation place = CheckComment(field, "field");
  if (field.is_required())
    Fault(place, absl::StrCat("field '", field.name(),
                              "' is 'required'; write 'optional' with "
                              "[(archlab.required) = true], which can be "
                              "reported with its place in the spec"));
  const pb::FieldOptions& options = field.options();
  const bool any = field.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE &&
                   field.message_type()->full_name() == "google.protobuf.Any";
  if (any && !FindKind(options.GetExtension(archlab::kind)))
    Fault(place, absl::StrCat("field '", field.name(),
                              "' holds a component; name its kind with "
                              "[(archlab.kind) = \"...\"]"));
  if (!any && options.HasExtension(archlab::kind))
    Fault(place, absl::StrCat("field '", field.name(),
                              "' has (archlab.kind) but is no "
                              "google.protobuf.Any"));
  CheckRange(field);
}

void ProtoLint::CheckRange(const pb::FieldDescriptor& field) {
  if (!field.options().HasExtension(archlab::range)) return;
  const pb::SourceLocation place = PlaceOf(field);
  const Range& range = field.options().GetExtension(archlab::range);
  if (!IsNumber(field))
    return Fault(place, absl::StrCat("field '", field.name(),
                                     "' has a range but is no number"));
  if (range.has_min() && range.has_max() && range.min() > range.max())
    Fault(place,
          absl::StrCat("field '", field.name(), "' has a range from ",
                       range.min(), " to ", range.max(), ", which is empty"));
  if (!field.has_default_value()) return;
  const double value = DefaultOf(field);
  const bool low =
      range.has_min() &&
      (range.exclusive_min() ? value <= range.min() : value < range.min());
  const bool high =
      range.has_max() &&
      (range.exclusive_max() ? value >= range.max() : value > range.max());
  if (low || high)
    Fault(place, absl::StrCat("field '", field.name(), "' has the default ",
                              value, ", which is outside its range"));
}

void ProtoLint::CheckEnum(const pb::EnumDescriptor& type) {
  CheckComment(type, "enum");
  const std::string prefix = ValuePrefix(type.name());
  for (int i = 0; i < type.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *type.value(i);
    const pb::SourceLocation place = CheckComment(value, "value");
    if (!type.containing_type() && !absl::StartsWith(value.name(), prefix))
      Fault(place,
            absl::StrCat("value '", value.name(),
                         "' of a top-level enum must begin with '", prefix,
                         "', or the enum stand inside a "
                         "message: values share their scope's names"));
  }
}

}  // namespace archlab
