// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// For tests: a folder of their own, and files in it.

#ifndef ARCHLAB_TEST_FOLDER_H_
#define ARCHLAB_TEST_FOLDER_H_

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace archlab {

// An empty folder that is removed at the end.
class TestFolder {
 public:
  TestFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "archlab-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteAll(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace archlab

#endif  // ARCHLAB_TEST_FOLDER_H_
