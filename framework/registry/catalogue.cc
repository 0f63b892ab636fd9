// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Catalogue of the installed components; see catalogue.h.

#include "registry/catalogue.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "archlab/status.h"
#include "base/located.h"
#include "base/suggest.h"
#include "registry/kinds.h"
#include "registry/loader.h"
#include "registry/manifest_check.h"
#include "registry/plugin_note.h"
#include "registry/search_path.h"

namespace archlab {
namespace {

std::string Join(absl::string_view kind, absl::string_view name) {
  return absl::StrCat(kind, "/", name);
}

bool Provides(const Manifest& manifest, absl::string_view component) {
  for (const ComponentManifest& each : manifest.components())
    if (Join(each.kind(), each.name()) == component) return true;
  return false;
}

// Adds what a later directory has to the reason why a file was refused.
std::string Alternative(const std::vector<PluginFile>& files,
                        absl::string_view component) {
  for (const PluginFile& file : files)
    if (file.shadowed && Provides(file.manifest, component))
      return absl::StrCat(" (", file.path,
                          " has it too; to use that, remove the first file.)");
  return "";
}

// Takes files one by one and decides on each.
class Scanner {
 public:
  explicit Scanner(bool allow_insecure) : allow_insecure_(allow_insecure) {}

  void Add(const std::string& path, size_t directory) {
    PluginFile file;
    file.path = path;
    file.status = Examine(directory, &file);
    // Nothing in a later directory may stand in for it.
    if (!file.status.ok()) refused_.emplace(ComponentOfPath(path), directory);
    files_.push_back(std::move(file));
  }
  std::vector<PluginFile> TakeFiles() { return std::move(files_); }
  std::unique_ptr<google::protobuf::DescriptorPool> TakePool() {
    return pool_.Release();
  }

 private:
  struct Owner {
    std::string path;
    size_t directory;
  };

  absl::Status Examine(size_t directory, PluginFile* file) {
    ARCHLAB_ASSIGN_OR_RETURN(PluginNotes notes,
                             ReadPluginNotes(file->path, allow_insecure_));
    file->manifest = std::move(notes.manifest);
    ARCHLAB_RETURN_IF_ERROR(CheckManifest(file->manifest));
    const std::string component = ComponentOfPath(file->path);
    if (!Provides(file->manifest, component))
      return absl::FailedPreconditionError(
          absl::StrCat("holds ",
                       Join(file->manifest.components(0).kind(),
                            file->manifest.components(0).name()),
                       " and must be called so (<kind>/<name>.so). Rename it"));
    ARCHLAB_RETURN_IF_ERROR(CheckUnique(directory, file));
    if (file->shadowed) return absl::OkStatus();
    ARCHLAB_RETURN_IF_ERROR(pool_.Add(file->manifest));
    const Owner owner = {file->path, directory};
    by_id_.emplace(file->manifest.id(), owner);
    for (const ComponentManifest& each : file->manifest.components())
      by_component_.emplace(Join(each.kind(), each.name()), owner);
    return absl::OkStatus();
  }

  // Refuses what another file of the same directory has; marks what an earlier
  // directory has.
  absl::Status CheckUnique(size_t directory, PluginFile* file) {
    const auto same_id = by_id_.find(file->manifest.id());
    if (same_id != by_id_.end() && same_id->second.directory == directory)
      return absl::AlreadyExistsError(
          absl::StrCat("has the id '", file->manifest.id(), "' of ",
                       same_id->second.path, ". Remove one of the two"));
    file->shadowed = same_id != by_id_.end();
    for (const ComponentManifest& each : file->manifest.components()) {
      const std::string component = Join(each.kind(), each.name());
      const auto refused = refused_.find(component);
      if (refused != refused_.end() && refused->second < directory)
        file->shadowed = true;
      const auto taken = by_component_.find(component);
      if (taken == by_component_.end()) continue;
      if (taken->second.directory == directory)
        return absl::AlreadyExistsError(
            absl::StrCat("provides ", taken->first, ", as does ",
                         taken->second.path, ". Remove one of the two"));
      file->shadowed = true;
    }
    return absl::OkStatus();
  }

  const bool allow_insecure_;
  std::vector<PluginFile> files_;
  ManifestPool pool_;
  std::map<std::string, Owner> by_id_;         // accepted plugins
  std::map<std::string, Owner> by_component_;  // "kind/name"
  std::map<std::string, size_t> refused_;      // "kind/name" to first directory
};

}  // namespace

struct Catalogue::Loaded {
  std::mutex mutex;
  std::map<std::string, const PluginEntry*> by_path;
};

Catalogue::Catalogue() : loaded_(std::make_unique<Loaded>()) {}
Catalogue::~Catalogue() = default;

std::unique_ptr<Catalogue> Catalogue::Scan(const SearchPath& path) {
  Scanner scanner(path.allow_insecure);
  for (size_t i = 0; i < path.directories.size(); ++i)
    for (const std::string& file : PluginCandidates(path.directories[i]))
      scanner.Add(file, i);
  std::unique_ptr<Catalogue> catalogue(new Catalogue);
  catalogue->directories_ = path.directories;
  catalogue->allow_insecure_ = path.allow_insecure;
  catalogue->files_ = scanner.TakeFiles();
  catalogue->pool_ = scanner.TakePool();
  for (const PluginFile& file : catalogue->files_)
    if (file.status.ok() && !file.shadowed)
      for (const ComponentManifest& each : file.manifest.components())
        catalogue->components_[Join(each.kind(), each.name())] = {&file, &each};
  return catalogue;
}

const ComponentManifest* Catalogue::Find(absl::string_view kind,
                                         absl::string_view name) const {
  const auto found = components_.find(Join(kind, name));
  return found == components_.end() ? nullptr : found->second.component;
}

const PluginFile* Catalogue::Provider(absl::string_view kind,
                                      absl::string_view name) const {
  const auto found = components_.find(Join(kind, name));
  return found == components_.end() ? nullptr : found->second.file;
}

const google::protobuf::Descriptor* Catalogue::ConfigType(
    absl::string_view kind, absl::string_view name) const {
  const ComponentManifest* component = Find(kind, name);
  return component ? pool_->FindMessageTypeByName(component->config_type())
                   : nullptr;
}

std::vector<std::string> Catalogue::Names(absl::string_view kind) const {
  std::vector<std::string> names;
  for (const auto& [name, provided] : components_)
    if (kind.empty() || provided.component->kind() == kind)
      names.push_back(name);
  return names;
}

absl::Status Catalogue::WhyMissing(absl::string_view kind,
                                   absl::string_view name) const {
  const std::string wanted = Join(kind, name);
  if (!FindKind(kind))
    return absl::NotFoundError(absl::StrCat(
        "there is no kind '", kind, "'.", DidYouMean(kind, KindNames()),
        " The kinds are ", absl::StrJoin(KindNames(), ", "), "."));
  for (const PluginFile& file : files_)
    if (!file.status.ok() && ComponentOfPath(file.path) == wanted)
      return absl::NotFoundError(absl::StrCat(
          wanted, " is provided by ", file.path, ", which was refused: ",
          file.status.message(), Alternative(files_, wanted)));
  std::vector<std::string> names;
  for (const std::string& each : Names(kind))
    names.push_back(each.substr(kind.size() + 1));
  if (!names.empty())
    return absl::NotFoundError(absl::StrCat(
        "there is no component '", wanted, "'.", DidYouMean(name, names),
        " Installed of this kind: ", absl::StrJoin(names, ", "), "."));
  std::vector<std::string> searched;
  for (const std::string& directory : directories_) {
    std::error_code error;
    const bool there = std::filesystem::is_directory(directory, error);
    searched.push_back(
        absl::StrCat(directory, there ? "" : " (no such directory)"));
  }
  return absl::NotFoundError(
      absl::StrCat("there is no component '", wanted, "': no plugin of kind '",
                   kind, "' was found in ", absl::StrJoin(searched, ", "),
                   ". Pass --plugin-path or set ARCHLAB_PLUGIN_PATH."));
}

absl::StatusOr<const PluginEntry*> Catalogue::Load(
    const PluginFile& file) const {
  std::lock_guard<std::mutex> lock(loaded_->mutex);
  const auto found = loaded_->by_path.find(file.path);
  if (found != loaded_->by_path.end()) return found->second;
  // The file may have been replaced since the scan, by a build for example.
  absl::StatusOr<PluginNotes> now = ReadPluginNotes(file.path, allow_insecure_);
  if (!now.ok())
    return absl::Status(now.status().code(),
                        absl::StrCat(file.path, ": ", now.status().message()));
  if (now->manifest.SerializeAsString() != file.manifest.SerializeAsString())
    return absl::FailedPreconditionError(absl::StrCat(
        file.path, ": was replaced while this program ran. Start it again"));
  ARCHLAB_ASSIGN_OR_RETURN(const PluginEntry* entry,
                           LoadPlugin(file.path, file.manifest));
  loaded_->by_path[file.path] = entry;
  return entry;
}

absl::StatusOr<std::unique_ptr<Component>> Catalogue::Create(
    absl::string_view kind, absl::string_view name, absl::string_view config,
    const BuildContext& context) const {
  const PluginFile* file = Provider(kind, name);
  if (!file) return WhyMissing(kind, name);
  ARCHLAB_ASSIGN_OR_RETURN(const PluginEntry* entry, Load(*file));
  for (uint32_t i = 0; i < entry->component_count; ++i) {
    const ComponentEntry& component = entry->components[i];
    if (component.kind != kind || component.name != name) continue;
    absl::StatusOr<std::unique_ptr<Component>> made =
        CallFactory(component, config, context);
    if (made.ok() || !FieldErrorPath(made.status()).empty() ||
        IsLocated(made.status()))
      return made;
    return absl::Status(made.status().code(),
                        absl::StrCat(Join(kind, name), " (", file->path,
                                     "): ", made.status().message()));
  }
  return absl::InternalError("a loaded plugin lost a component");
}

bool SplitComponent(absl::string_view type_url, absl::string_view* kind,
                    absl::string_view* name) {
  const size_t slash = type_url.find('/');
  if (slash == absl::string_view::npos || slash == 0 ||
      slash + 1 == type_url.size() ||
      type_url.find('/', slash + 1) != absl::string_view::npos)
    return false;
  *kind = type_url.substr(0, slash);
  *name = type_url.substr(slash + 1);
  return true;
}

}  // namespace archlab
