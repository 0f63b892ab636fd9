// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Where plugins are looked for, and which files are candidates.

#include "registry/search_path.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "registry/catalogue.h"
#include "registry/code_hash.h"
#include "registry/kinds.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;

// "" where the variable is not set, or the program runs with the rights of
// somebody else.
std::string Environment(const char* name) {
  const char* value = ::secure_getenv(name);
  return value ? value : "";
}

std::string UserDirectory() {
  const std::string data = Environment("XDG_DATA_HOME");
  if (absl::StartsWith(data, "/"))
    return absl::StrCat(data, "/archlab/plugins");
  const std::string home = Environment("HOME");
  if (!absl::StartsWith(home, "/")) return "";
  return absl::StrCat(home, "/.local/share/archlab/plugins");
}

}  // namespace

SearchPath SearchPath::Default(
    const std::vector<std::string>& from_command_line) {
  SearchPath path;
  std::vector<std::string> all = from_command_line;
  for (absl::string_view each :
       absl::StrSplit(Environment("ARCHLAB_PLUGIN_PATH"), ':')) {
    all.push_back(std::string(each));
    std::error_code error;
    if (!each.empty() && !fs::is_directory(all.back(), error))
      path.missing.push_back(all.back());
  }
  all.push_back(UserDirectory());
  const fs::path library = LibraryPath();
  if (!library.empty())
    all.push_back((library.parent_path() / "archlab" / "plugins").string());
  for (const std::string& directory : all) {
    // An empty element would mean the working directory to other programs.
    if (directory.empty()) continue;
    std::error_code error;
    fs::path absolute = fs::weakly_canonical(directory, error);
    if (error) absolute = fs::path(directory);
    if (std::count(path.directories.begin(), path.directories.end(),
                   absolute.string()) == 0)
      path.directories.push_back(absolute.string());
  }
  return path;
}

std::vector<std::string> PluginCandidates(const std::string& directory) {
  std::vector<std::string> found;
  for (const std::string& kind : KindNames()) {
    std::error_code error;
    const fs::directory_iterator files(fs::path(directory) / kind, error);
    if (error) continue;
    for (fs::directory_iterator file = files; file != fs::directory_iterator();
         file.increment(error)) {
      if (file->path().extension() == ".so")
        found.push_back(file->path().string());
      if (error) break;
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string ComponentOfPath(const std::string& path) {
  const fs::path file = path;
  return absl::StrCat(file.parent_path().filename().string(), "/",
                      file.stem().string());
}

}  // namespace archlab
