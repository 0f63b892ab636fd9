// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Checks of a manifest; see manifest_check.h.

#include "registry/manifest_check.h"

#include <google/protobuf/stubs/logging.h>

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "registry/kinds.h"

namespace archlab {
namespace {

namespace pb = google::protobuf;

struct PoolErrors : pb::DescriptorPool::ErrorCollector {
  std::string first;
  void AddError(const std::string& file, const std::string& element,
                const pb::Message*, ErrorLocation,
                const std::string& message) override {
    if (first.empty()) first = absl::StrCat(file, ": ", element, ": ", message);
  }
};

absl::Status Refuse(absl::string_view reason) {
  return absl::FailedPreconditionError(
      absl::StrCat("its manifest is wrong: ", reason,
                   ". Build it again with archlab_plugin()"));
}

bool IsName(absl::string_view name) {
  if (name.empty() || !absl::ascii_islower(name[0])) return false;
  for (char c : name)
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_')
      return false;
  return true;
}

// Whether `type` is a message of one of the files.
bool Declares(const pb::FileDescriptorSet& files, absl::string_view type) {
  for (const pb::FileDescriptorProto& file : files.file())
    for (const pb::DescriptorProto& message : file.message_type())
      if (type == absl::StrCat(file.package(), ".", message.name()))
        return true;
  return false;
}

absl::Status CheckComponent(const ComponentManifest& component,
                            const Manifest& manifest) {
  const std::string name =
      absl::StrCat(component.kind(), "/", component.name());
  const KindInfo* kind = FindKind(component.kind());
  if (!kind) return Refuse(absl::StrCat(name, " is of an unknown kind"));
  if (!IsName(component.name()))
    return Refuse(absl::StrCat("'", component.name(),
                               "' is no name (small letters, digits, _)"));
  if (component.interface_revision() < kind->oldest_revision ||
      component.interface_revision() > kind->revision)
    return absl::FailedPreconditionError(absl::StrCat(
        "built for revision ", component.interface_revision(),
        " of the interface '", component.kind(), "'; this host knows ",
        kind->oldest_revision, " to ", kind->revision,
        ". Rebuild it against this installation of archlab"));
  if (!Declares(manifest.descriptors(), component.config_type()))
    return Refuse(absl::StrCat("the config type '", component.config_type(),
                               "' of ", name, " is not in its descriptors"));
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckManifest(const Manifest& manifest) {
  if (manifest.id().empty()) return Refuse("it has no id");
  if (manifest.components().empty()) return Refuse("it has no component");
  std::set<std::string> names;
  for (const ComponentManifest& component : manifest.components()) {
    ARCHLAB_RETURN_IF_ERROR(CheckComponent(component, manifest));
    if (!names.insert(absl::StrCat(component.kind(), "/", component.name()))
             .second)
      return Refuse(absl::StrCat("it has ", component.kind(), "/",
                                 component.name(), " twice"));
  }
  return absl::OkStatus();
}

ManifestPool::ManifestPool()
    : pool_(std::make_unique<pb::DescriptorPool>(
          pb::DescriptorPool::generated_pool())) {}

absl::Status ManifestPool::Build(const Manifest& manifest) {
  const pb::LogSilencer silence;  // the status says it
  for (const pb::FileDescriptorProto& file : manifest.descriptors().file()) {
    // An identical file would be accepted silently by the pool.
    if (pool_->FindFileByName(file.name()))
      return absl::AlreadyExistsError(
          absl::StrCat("the proto file '", file.name(), "' is taken"));
    PoolErrors errors;
    if (!pool_->BuildFileCollectingErrors(file, &errors))
      return absl::AlreadyExistsError(
          absl::StrCat("proto clash: ", errors.first));
  }
  return absl::OkStatus();
}

absl::Status ManifestPool::Add(const Manifest& manifest) {
  const absl::Status status = Build(manifest);
  if (status.ok()) {
    accepted_.push_back(manifest);
    return status;
  }
  // A pool cannot forget: make another one from what was accepted before.
  pool_ = std::make_unique<pb::DescriptorPool>(
      pb::DescriptorPool::generated_pool());
  for (const Manifest& each : accepted_)
    if (!Build(each).ok())
      return absl::InternalError("an accepted manifest no longer builds");
  return status;
}

std::unique_ptr<pb::DescriptorPool> ManifestPool::Release() {
  accepted_.clear();
  return std::move(pool_);
}

}  // namespace archlab
