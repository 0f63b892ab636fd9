// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// From a plugin's .proto to its manifest; see manifest.h.

#include "registry/manifest.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "registry/comments.h"
#include "registry/kinds.h"
#include "registry/manifest_lint.h"

namespace archlab {
namespace {

namespace pb = google::protobuf;

struct PoolErrors : pb::DescriptorPool::ErrorCollector {
  std::string text;
  void AddError(const std::string& file, const std::string& element,
                const pb::Message*, ErrorLocation,
                const std::string& message) override {
    absl::StrAppend(&text, file, ": ", element, ": ", message, "\n");
  }
};

// The message that is the component's config; faults none and several.
const pb::Descriptor* ConfigMessage(const pb::FileDescriptor& file,
                                    const ManifestRequest& request,
                                    ProtoLint& lint) {
  const pb::Descriptor* found = nullptr;
  for (int i = 0; i < file.message_type_count(); ++i) {
    const pb::Descriptor* message = file.message_type(i);
    if (!message->options().HasExtension(archlab::component)) continue;
    const ComponentOptions& options =
        message->options().GetExtension(archlab::component);
    pb::SourceLocation place = {};
    message->GetSourceLocation(&place);
    if (found)
      lint.Fault(place, absl::StrCat("message '", message->name(),
                                     "' has (archlab.component), but '",
                                     found->name(), "' has it already"));
    if (options.kind() != request.kind || options.name() != request.name)
      lint.Fault(place,
                 absl::StrCat("(archlab.component) of '", message->name(),
                              "' says ", options.kind(), "/", options.name(),
                              ", but archlab_plugin() says ", request.kind, "/",
                              request.name));
    found = message;
  }
  if (!found)
    lint.Fault(
        {}, absl::StrCat("no message has the option (archlab.component)"
                         "; the config message needs 'option "
                         "(archlab.component) = { kind: \"",
                         request.kind, "\" name: \"", request.name, "\" };'"));
  return found;
}

}  // namespace

absl::StatusOr<Manifest> MakeManifest(const ManifestRequest& request) {
  const KindInfo* kind = FindKind(request.kind);
  if (!kind)
    return absl::InvalidArgumentError(
        absl::StrCat("there is no kind '", request.kind, "'; the kinds are ",
                     absl::StrJoin(KindNames(), ", ")));
  if (request.descriptors.file_size() != 1)
    return absl::InvalidArgumentError("expected the descriptor of one .proto");
  pb::DescriptorPool pool(pb::DescriptorPool::generated_pool());
  PoolErrors errors;
  const pb::FileDescriptor* file =
      pool.BuildFileCollectingErrors(request.descriptors.file(0), &errors);
  if (!file)
    return absl::InvalidArgumentError(
        absl::StrCat(request.proto_path,
                     ": a plugin's .proto may import "
                     "archlab/plugin.proto and google/protobuf/*.proto only\n",
                     errors.text));
  ProtoLint lint(*file, request.proto_path, request.kind);
  lint.Run();
  const pb::Descriptor* config = ConfigMessage(*file, request, lint);
  if (!lint.faults().empty())
    return absl::InvalidArgumentError(absl::StrJoin(lint.faults(), "\n"));

  const ComponentOptions& options =
      config->options().GetExtension(archlab::component);
  Manifest manifest;
  manifest.set_id(absl::StrCat(file->package(), ".", request.name));
  manifest.set_version(request.version);
  if (!request.licence.empty()) manifest.set_licence(request.licence);
  *manifest.mutable_descriptors() = request.descriptors;
  ComponentManifest* component = manifest.add_components();
  component->set_kind(request.kind);
  component->set_name(request.name);
  component->set_config_type(config->full_name());
  component->set_interface_revision(kind->revision);
  component->set_summary(FirstSentence(CommentOf(*config)));
  component->set_source(options.source());
  *component->mutable_traits() = options.traits();
  return manifest;
}

std::string NoteSource(const Manifest& manifest) {
  const std::string bytes = manifest.SerializeAsString();
  std::string source = absl::StrCat(
      "// Made by archlab-manifest.\n#include \"archlab/abi.h\"\n\n"
      "ARCHLAB_PLUGIN_NOTES(",
      bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i)
    absl::StrAppend(&source, i % 20 == 0 ? ",\n    " : ",",
                    int{static_cast<unsigned char>(bytes[i])});
  return source + ")\n";
}

}  // namespace archlab
