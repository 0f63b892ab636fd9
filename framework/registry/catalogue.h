// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Catalogue: the components that the installed plugins provide, known from
// their ELF notes alone. Plugin code runs only from Create on.

#ifndef ARCHLAB_CATALOGUE_H_
#define ARCHLAB_CATALOGUE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "archlab/component.h"
#include "archlab/plugin.h"
#include "archlab/plugin.pb.h"

namespace google::protobuf {
class Descriptor;
class DescriptorPool;
}  // namespace google::protobuf

namespace archlab {

// Where to look, first to last.
struct SearchPath {
  std::vector<std::string> directories;  // each holds <kind>/<name>.so
  bool allow_insecure = false;  // accept world-writable files and directories
  // Of ARCHLAB_PLUGIN_PATH: what is no directory.
  std::vector<std::string> missing;

  // `--plugin-path` values, then ARCHLAB_PLUGIN_PATH, the user's directory, the
  // directory of the installation (relative to libarchlab.so).
  static SearchPath Default(const std::vector<std::string>& from_command_line);
};

// A file that was looked at.
struct PluginFile {
  std::string path;
  Manifest manifest;
  absl::Status status;  // why it was refused, or OK
  // An earlier directory has the same id or component, or a file for it that
  // was refused: what stands first is what is meant.
  bool shadowed = false;
};

class Catalogue {
 public:
  // Reads every note; a bad plugin is recorded with its reason, never fatal.
  static std::unique_ptr<Catalogue> Scan(const SearchPath& path);
  ~Catalogue();

  const std::vector<PluginFile>& files() const { return files_; }

  // The component, or nullptr.
  const ComponentManifest* Find(absl::string_view kind,
                                absl::string_view name) const;
  // Its config message in the catalogue's own pool, or nullptr.
  const google::protobuf::Descriptor* ConfigType(absl::string_view kind,
                                                 absl::string_view name) const;
  // NotFound that says why there is no such component: refused (with reason),
  // unknown kind, or unknown name with a "did you mean".
  absl::Status WhyMissing(absl::string_view kind, absl::string_view name) const;
  // Sorted "kind/name" of all components; of one kind where it is not empty.
  std::vector<std::string> Names(absl::string_view kind = "") const;
  // The plugin file that provides the component, or nullptr.
  const PluginFile* Provider(absl::string_view kind,
                             absl::string_view name) const;
  // Pool of all config messages, on top of the generated pool.
  const google::protobuf::DescriptorPool& pool() const { return *pool_; }

  // Loads the plugin on first use and makes the component. The status names
  // the plugin; exceptions of the factory become a status.
  absl::StatusOr<std::unique_ptr<Component>> Create(
      absl::string_view kind, absl::string_view name, absl::string_view config,
      const BuildContext& context) const;

 private:
  Catalogue();
  // The plugin's entry; loads it on first use.
  absl::StatusOr<const PluginEntry*> Load(const PluginFile& file) const;

  struct Provided {
    const PluginFile* file;
    const ComponentManifest* component;
  };
  struct Loaded;
  std::vector<std::string> directories_;
  bool allow_insecure_ = false;
  std::vector<PluginFile> files_;
  std::map<std::string, Provided> components_;  // "kind/name", into files_
  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  std::unique_ptr<Loaded> loaded_;  // plugins opened so far; guarded inside
};

// Splits "attention/dense"; false when it is not of that form.
bool SplitComponent(absl::string_view type_url, absl::string_view* kind,
                    absl::string_view* name);

}  // namespace archlab

#endif  // ARCHLAB_CATALOGUE_H_
