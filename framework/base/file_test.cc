// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Files: content, errors that name the path, and writing whole or not at all.

#include "base/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "archlab_file_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { fs::remove_all(directory_); }
  std::string In(const std::string& name) const {
    return directory_ + "/" + name;
  }

  std::string directory_;
};

TEST_F(FileTest, WritesAndReads) {
  const std::string content("a\0\r\n\xFF", 5);
  ASSERT_TRUE(WriteFileAtomically(In("a"), content).ok());
  EXPECT_EQ(ReadFile(In("a")).value(), content);
  ASSERT_TRUE(WriteFileAtomically(In("a"), "").ok());
  EXPECT_EQ(ReadFile(In("a")).value(), "");
  // No temporary stays behind.
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 1);
}

TEST_F(FileTest, FailedWriteLeavesTheOldContent) {
  fs::create_directory(In("taken"));
  std::ofstream(In("taken/x")) << "keep";
  const absl::Status status = WriteFileAtomically(In("taken"), "new");
  EXPECT_THAT(status.message(), HasSubstr(In("taken")));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 1);
  EXPECT_EQ(ReadFile(In("taken/x")).value(), "keep");
  EXPECT_EQ(WriteFileAtomically(In("none/a"), "x").code(),
            absl::StatusCode::kNotFound);
}

TEST_F(FileTest, ErrorsNamePathAndReason) {
  const auto missing = ReadFile(In("none"));
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(missing.status().message(),
            "cannot read '" + In("none") +
                "': No such file or directory; check the spelling and the "
                "directory");
  const auto directory = ReadFile(directory_);
  EXPECT_EQ(directory.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(directory.status().message(), HasSubstr("is a directory"));
  ASSERT_EQ(::mkfifo(In("pipe").c_str(), 0600), 0);
  EXPECT_THAT(ReadFile(In("pipe")).status().message(), HasSubstr("a pipe"));
  EXPECT_THAT(ReadFile("/dev/zero").status().message(), HasSubstr("a device"));
}

TEST_F(FileTest, UnreadableFile) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  ASSERT_TRUE(WriteFileAtomically(In("secret"), "x").ok());
  ASSERT_EQ(::chmod(In("secret").c_str(), 0), 0);
  const auto denied = ReadFile(In("secret"));
  EXPECT_EQ(denied.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(denied.status().message(), HasSubstr("permissions"));
}

TEST_F(FileTest, ReaderGivesPiecesAndNoticesAShorterFile) {
  ASSERT_TRUE(WriteFileAtomically(In("a"), "0123456789").ok());
  const FileReader reader = FileReader::Open(In("a")).value();
  EXPECT_EQ(reader.bytes(), 10);
  std::string piece;
  ASSERT_TRUE(reader.Read(3, 4, &piece).ok());
  EXPECT_EQ(piece, "3456");
  fs::resize_file(In("a"), 5);
  const absl::Status status = reader.Read(3, 4, &piece);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(status.message(), HasSubstr("ends at byte 5"));
}

TEST_F(FileTest, Directories) {
  ASSERT_TRUE(MakeDirectories(In("a/b/c")).ok());
  ASSERT_TRUE(MakeDirectories(In("a/b/c")).ok());
  EXPECT_TRUE(fs::is_directory(In("a/b/c")));
  ASSERT_TRUE(WriteFileAtomically(In("f"), "x").ok());
  EXPECT_THAT(MakeDirectories(In("f")).message(), HasSubstr(In("f")));
  EXPECT_THAT(MakeDirectories(In("f/g")).message(), HasSubstr(In("f/g")));
}

TEST_F(FileTest, RelativePathsAreLookedForBesideTheSpecFirst) {
  ASSERT_TRUE(WriteFileAtomically(In("here"), "x").ok());
  EXPECT_EQ(ResolvePath(directory_, "here"), In("here"));
  EXPECT_EQ(ResolvePath(directory_, "nowhere"), In("nowhere"));
  EXPECT_EQ(ResolvePath(directory_, "/etc/x"), "/etc/x");
  EXPECT_EQ(ResolvePath("", "a"), "a");
  // The working directory comes second: "." is there, "<directory>/x/." not.
  EXPECT_EQ(ResolvePath(In("no"), "."), ".");
}

}  // namespace
}  // namespace archlab
