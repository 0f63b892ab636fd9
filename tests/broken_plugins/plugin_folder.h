// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A folder of plugins for one test.

#ifndef ARCHLAB_PLUGIN_FOLDER_H_
#define ARCHLAB_PLUGIN_FOLDER_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "registry/catalogue.h"

namespace archlab {

class PluginFolder : public ::testing::Test {
 protected:
  PluginFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "broken_XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    std::filesystem::create_directories(root_ / "attention");
  }
  ~PluginFolder() override { std::filesystem::remove_all(root_); }

  // Where the component attention/`name` is looked for.
  std::filesystem::path PathOf(const std::string& name) const {
    return root_ / "attention" / (name + ".so");
  }
  static std::filesystem::path Built(const std::string& variant) {
    return std::filesystem::path(BROKEN_DIR) / (variant + ".so");
  }
  std::filesystem::path Put(const std::string& variant) const {
    std::filesystem::copy_file(Built(variant), PathOf(variant));
    return PathOf(variant);
  }
  std::filesystem::path Write(const std::string& name,
                              const std::string& bytes) const {
    // A new file each time: some file systems wait for the disk when an old one
    // is cut and written again.
    std::filesystem::remove(PathOf(name));
    std::ofstream(PathOf(name), std::ios::binary) << bytes;
    return PathOf(name);
  }
  static std::string Bytes(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::unique_ptr<Catalogue> Scan(bool allow_insecure = false) const {
    SearchPath path;
    path.directories = {root_.string()};
    path.allow_insecure = allow_insecure;
    return Catalogue::Scan(path);
  }
  // Why the only file, or the one of attention/`name`, was refused; "" when it
  // was not.
  std::string Refusal(const std::string& name) const {
    const auto catalogue = Scan();
    for (const PluginFile& file : catalogue->files())
      if (file.path == PathOf(name).string())
        return std::string(file.status.message());
    ADD_FAILURE() << "no file " << PathOf(name);
    return "";
  }

  std::filesystem::path root_;
};

}  // namespace archlab

#endif  // ARCHLAB_PLUGIN_FOLDER_H_
