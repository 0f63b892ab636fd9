// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Each bad spec of this folder, x.textproto, with the overrides of x.set (one a
// line) where that file is there, is refused with exactly the text of x.txt.
//
// After a change of messages: ARCHLAB_UPDATE_EXPECTED=1 spec_errors_test writes
// the x.txt anew; read what it wrote.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "spec/spec.h"
#include "spec/spec_testing.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;

std::string Content(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> Lines(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Names of the files with an extension, without it.
std::set<std::string> Stems(const std::string& extension) {
  std::set<std::string> stems;
  for (const auto& entry : fs::directory_iterator("."))
    if (entry.path().extension() == extension)
      stems.insert(entry.path().stem());
  return stems;
}

class SpecErrorsTest : public testing::Test {
 protected:
  // Messages begin with the file's name as it was given.
  void SetUp() override {
    fs::current_path(ARCHLAB_SOURCE_DIR "/tests/spec_errors");
  }
};

TEST_F(SpecErrorsTest, EachIsRefusedWithItsText) {
  const bool update = std::getenv("ARCHLAB_UPDATE_EXPECTED") != nullptr;
  const std::set<std::string> names = Stems(".textproto");
  EXPECT_GE(names.size(), 40);
  for (const std::string& name : names) {
    const absl::StatusOr<Spec> spec =
        Spec::Load(name + ".textproto", Lines(name + ".set"), FixedCatalogue());
    EXPECT_FALSE(spec.ok()) << name << " is valid";
    const std::string text = std::string(spec.status().message()) + "\n";
    if (update) std::ofstream(name + ".txt", std::ios::binary) << text;
    EXPECT_EQ(text, Content(name + ".txt")) << name;
  }
}

TEST_F(SpecErrorsTest, NoFileIsLeftOver) {
  const std::set<std::string> names = Stems(".textproto");
  EXPECT_EQ(Stems(".txt"), [&] {
    std::set<std::string> with_build_file = names;
    with_build_file.insert("CMakeLists");
    return with_build_file;
  }());
  for (const std::string& name : Stems(".set")) EXPECT_EQ(names.count(name), 1);
}

}  // namespace
}  // namespace archlab
