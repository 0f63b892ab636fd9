// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Packed files and lines.

#include <stdlib.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "archlab/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class UnpackTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "archlab_unpack_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name + "/file";
  }
  void TearDown() override {
    std::filesystem::remove_all(std::filesystem::path(path_).parent_path());
  }
  void Write(const std::string& content) const {
    std::ofstream(path_, std::ios::binary) << content;
  }
  // As the gzip program does.
  std::string Packed(const std::string& content) const {
    const std::string temporary = path_ + ".gz";
    const gzFile file = gzopen(temporary.c_str(), "wb");
    gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
    gzclose(file);
    return ReadFile(temporary).value();
  }

  std::string path_;
};

TEST_F(UnpackTest, FilesThatAreNotPackedStayAsTheyAre) {
  Write("\x1F plain");
  EXPECT_EQ(ReadUnpacked(path_).value(), "\x1F plain");
  Write("");
  EXPECT_EQ(ReadUnpacked(path_).value(), "");
}

TEST_F(UnpackTest, LargeFilesAndSeveralMembersAreUnpacked) {
  std::string large;
  while (large.size() < 2000000) large += std::to_string(large.size() * 7919);
  Write(Packed(large));
  EXPECT_TRUE(ReadUnpacked(path_).value() == large);
  Write(Packed("one") + Packed("two"));
  EXPECT_EQ(ReadUnpacked(path_).value(), "onetwo");
  Write(Packed(""));
  EXPECT_EQ(ReadUnpacked(path_).value(), "");
}

TEST_F(UnpackTest, DamagedFilesAreErrors) {
  const std::string packed = Packed("some text that is packed");
  for (size_t bytes = 2; bytes < packed.size(); ++bytes) {
    Write(packed.substr(0, bytes));
    const auto cut = ReadUnpacked(path_);
    ASSERT_FALSE(cut.ok()) << bytes << " bytes";
    EXPECT_THAT(std::string(cut.status().message()),
                HasSubstr("it ends in the middle of its gzip data"));
  }
  std::string damaged = packed;
  damaged[12] = static_cast<char>(~damaged[12]);
  Write(damaged);
  EXPECT_THAT(std::string(ReadUnpacked(path_).status().message()),
              HasSubstr("its gzip data are damaged ("));
}

TEST_F(UnpackTest, LinesComeWithoutTheirEnds) {
  Write("\xEF\xBB\xBFone\r\n\ntwo\n");
  EXPECT_THAT(ReadLines(path_).value(), ElementsAre("one", "", "two"));
  Write("one\ntwo");
  EXPECT_THAT(ReadLines(path_).value(), ElementsAre("one", "two"));
  Write("");
  EXPECT_THAT(ReadLines(path_).value(), IsEmpty());
  Write(Packed("a\nb\n"));
  EXPECT_THAT(ReadLines(path_).value(), ElementsAre("a", "b"));
  Write("a\nb\xE9");
  EXPECT_EQ(ReadLines(path_).status().message(),
            "'" + path_ +
                "' is not UTF-8: line 2, column 2; convert it (such as iconv "
                "-f ISO-8859-1 -t UTF-8)");
}

}  // namespace
}  // namespace archlab
