// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// .proto files to Markdown. The files are read as they are, so that neither
// plugins nor generated code are needed.

#include "spec/reference.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "archlab/experiment.pb.h"
#include "archlab/plugin.pb.h"
#include "registry/comments.h"
#include "spec/bind.h"
#include "spec/scalar.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;
namespace pb = google::protobuf;

constexpr char kHead[] =
    R"(<!-- Generated from the .proto files: archlab-spec-reference . > docs/spec.md -->
# Specs

A spec is a text-format protobuf file that holds an [Experiment](#experiment),
or a [Study](#study) of one, for `archlab study`.
`archlab validate FILE` reports every error with line and column; `archlab
resolve FILE` prints the spec with all defaults written out.

- A component is written `{ [kind/name] { ... } }`, such as
  `position { [position/rope] { theta: 500000 } }`. `archlab plugins list` shows
  those that are installed, `archlab plugins describe kind/name` one of them.
- `--set 'path = value'` overrides a field: `training.optimizer.weight_decay = 0`,
  `model.decoder_only.stack.position = [position/rope] {}`. A path walks through
  a component as if it were not there. `group[0]` is one element, `group[*]`
  every one, `generation.stop = ["a", "b"]` the whole field. A value replaces
  what was there.
- An absent field has its default. An absent message of which no field is
  required is the same as an empty one. An absent component means none.
- A spec's hash is the SHA-256 of its canonical resolved form, `name` and
  `question` left out.

)";

class Collector : public pb::compiler::MultiFileErrorCollector {
 public:
  void AddError(const std::string& file, int line, int column,
                const std::string& message) override {
    absl::StrAppend(&text, file, ":", line + 1, ":", column + 1, ": ", message,
                    "\n");
  }
  std::string text;
};

// "int32", "[Stack](#stack)", "component of kind norm".
std::string TypeOf(const pb::FieldDescriptor* field) {
  std::string type = field->cpp_type_name();
  if (IsAny(field)) {
    type = absl::StrCat("[", KindOf(field), "](#", KindOf(field), ")");
  } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
    const std::string& name = field->message_type()->name();
    type = absl::StrCat("[", name, "](#", absl::AsciiStrToLower(name), ")");
  } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM) {
    type = field->enum_type()->name();
  } else {
    type = field->type_name();
  }
  return field->is_repeated() ? absl::StrCat("list of ", type) : type;
}

std::string DefaultOf(const pb::FieldDescriptor* field) {
  if (field->options().GetExtension(archlab::required)) return "required";
  if (!field->has_default_value()) return "";
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return field->default_value_bool() ? "true" : "false";
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return field->default_value_enum()->name();
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return absl::StrCat("\"", field->default_value_string(), "\"");
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(field->default_value_float());
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(field->default_value_double());
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(field->default_value_int32());
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(field->default_value_int64());
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(field->default_value_uint32());
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(field->default_value_uint64());
    default:
      return "";
  }
}

// The range with its unit, or the unit alone.
std::string AllowedIn(const pb::FieldDescriptor* field) {
  const std::string range = RangeText(field);
  return range.empty() ? field->options().GetExtension(archlab::unit) : range;
}

std::string Cell(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}});
}

class Writer {
 public:
  // The message and those it holds, each once, depth first.
  void Message(const pb::Descriptor* type);
  void Component(const pb::Descriptor* type);
  std::string text;

 private:
  void Fields(const pb::Descriptor* type);
  void Enum(const pb::EnumDescriptor* type);

  std::set<const void*> written_;
};

void Writer::Message(const pb::Descriptor* type) {
  if (!written_.insert(type).second) return;
  absl::StrAppend(&text, "## ", type->name(), "\n\n", CommentOf(*type), "\n\n");
  Fields(type);
  for (int i = 0; i < type->field_count(); ++i)
    if (type->field(i)->message_type() != nullptr && !IsAny(type->field(i)))
      Message(type->field(i)->message_type());
}

void Writer::Component(const pb::Descriptor* type) {
  const ComponentOptions& about =
      type->options().GetExtension(archlab::component);
  absl::StrAppend(&text, "### ", about.kind(), "/", about.name(), "\n\n",
                  CommentOf(*type), "\n");
  if (!about.source().empty())
    absl::StrAppend(&text, "Source: ", about.source(), ".\n");
  absl::StrAppend(&text, "\n");
  Fields(type);
}

void Writer::Fields(const pb::Descriptor* type) {
  if (type->field_count() > 0)
    absl::StrAppend(&text,
                    "| field | type | default | allowed | meaning |\n"
                    "|---|---|---|---|---|\n");
  for (int i = 0; i < type->field_count(); ++i) {
    const pb::FieldDescriptor* field = type->field(i);
    absl::StrAppend(&text, "| `", field->name(), "` | ", TypeOf(field), " | ",
                    Cell(DefaultOf(field)), " | ", Cell(AllowedIn(field)),
                    " | ", Cell(CommentOf(*field)), " |\n");
  }
  if (type->field_count() > 0) absl::StrAppend(&text, "\n");
  for (int i = 0; i < type->field_count(); ++i)
    if (type->field(i)->enum_type() != nullptr)
      Enum(type->field(i)->enum_type());
}

void Writer::Enum(const pb::EnumDescriptor* type) {
  if (!written_.insert(type).second) return;
  absl::StrAppend(&text, type->name(), ":\n\n");
  for (int i = 0; i < type->value_count(); ++i)
    absl::StrAppend(&text, "- `", type->value(i)->name(),
                    "`: ", CommentOf(*type->value(i)), "\n");
  absl::StrAppend(&text, "\n");
}

// plugins/<kind>/<name>/<name>.proto, sorted.
std::vector<std::string> ComponentFiles(const fs::path& source) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(source / "plugins", error), end;
       !error && it != end; it.increment(error))
    if (it->path().extension() == ".proto")
      files.push_back(fs::relative(it->path(), source).generic_string());
  std::sort(files.begin(), files.end());
  return files;
}

// The component's message of a file, or nullptr.
const pb::Descriptor* ComponentOf(const pb::FileDescriptor* file) {
  for (int i = 0; i < file->message_type_count(); ++i)
    if (file->message_type(i)->options().HasExtension(archlab::component))
      return file->message_type(i);
  return nullptr;
}

}  // namespace

absl::StatusOr<std::string> SpecReference(const std::string& source) {
  pb::compiler::DiskSourceTree tree;
  tree.MapPath("", source);
  tree.MapPath("", (fs::path(source) / "protos").string());
  Collector errors;
  pb::compiler::SourceTreeDescriptorDatabase files(&tree);
  files.RecordErrorsTo(&errors);
  // These two are the library's.
  pb::SimpleDescriptorDatabase built_in;
  for (const pb::Descriptor* type :
       {pb::Any::descriptor(), pb::FieldOptions::descriptor()}) {
    pb::FileDescriptorProto file;
    type->file()->CopyTo(&file);
    built_in.Add(file);
  }
  pb::MergedDescriptorDatabase all(&built_in, &files);
  pb::DescriptorPool pool(&all, nullptr);

  const pb::Descriptor* root = nullptr;
  if (pool.FindFileByName("archlab/experiment.proto") != nullptr)
    root = pool.FindMessageTypeByName("archlab.spec.Experiment");
  const pb::Descriptor* study = nullptr;
  if (pool.FindFileByName("archlab/study.proto") != nullptr)
    study = pool.FindMessageTypeByName("archlab.spec.Study");
  std::map<std::string, std::vector<const pb::Descriptor*>> by_kind;
  for (const std::string& name : ComponentFiles(source)) {
    const pb::FileDescriptor* file = pool.FindFileByName(name);
    const pb::Descriptor* type = file ? ComponentOf(file) : nullptr;
    if (type == nullptr)
      absl::StrAppend(&errors.text, name, ": has no component\n");
    else
      by_kind[type->options().GetExtension(archlab::component).kind()]
          .push_back(type);
  }
  if (root == nullptr || study == nullptr || !errors.text.empty())
    return absl::InvalidArgumentError(
        absl::StrCat(source, ": cannot read its .proto files\n", errors.text));

  Writer writer;
  writer.text = kHead;
  writer.Message(root);
  writer.Message(study);
  for (const auto& [kind, types] : by_kind) {
    absl::StrAppend(&writer.text, "## ", kind, "\n\n");
    for (const pb::Descriptor* type : types) writer.Component(type);
  }
  while (absl::EndsWith(writer.text, "\n\n")) writer.text.pop_back();
  return std::move(writer.text);
}

}  // namespace archlab
