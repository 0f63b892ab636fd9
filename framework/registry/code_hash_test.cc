// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "registry/code_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace archlab {
namespace {

const std::string kDense =
    ARCHLAB_BUILD_DIR "/lib/archlab/plugins/attention/dense.so";
const std::string kWindow =
    ARCHLAB_BUILD_DIR "/lib/archlab/plugins/attention/sliding_window.so";

TEST(CodeHashTest, IsOfTheCodeAlone) {
  const auto dense = CodeSha256(kDense);
  ASSERT_TRUE(dense.ok()) << dense.status();
  EXPECT_EQ(dense->size(), 64);
  EXPECT_NE(*dense, CodeSha256(kWindow).value());
  // Stripping changes the file but not the code.
  const std::string stripped =
      (std::filesystem::temp_directory_path() / "code_hash_test.so").string();
  ASSERT_EQ(std::system(("objcopy --strip-all --remove-section=.comment " +
                         kDense + " " + stripped)
                            .c_str()),
            0);
  EXPECT_EQ(CodeSha256(stripped).value(), *dense);
  EXPECT_NE(std::filesystem::file_size(stripped),
            std::filesystem::file_size(kDense));
  std::filesystem::remove(stripped);
}

// The file is read again when it has another time, and only then.
TEST(CodeHashTest, ReadsAFileOnceUntilItChanges) {
  namespace fs = std::filesystem;
  const std::string copy =
      (fs::temp_directory_path() /
       ("code_hash_once_" + std::to_string(getpid()) + ".so"))
          .string();
  fs::copy_file(kDense, copy, fs::copy_options::overwrite_existing);
  const auto time = fs::last_write_time(copy);
  const std::string hash = CodeSha256(copy).value();
  EXPECT_EQ(hash, CodeSha256(kDense).value());
  // No ELF file any more, but of the same size and time.
  std::fstream(copy, std::ios::in | std::ios::out | std::ios::binary) << "gone";
  fs::last_write_time(copy, time);
  EXPECT_EQ(CodeSha256(copy).value(), hash);
  fs::last_write_time(copy, time + std::chrono::seconds(1));
  const auto changed = CodeSha256(copy);
  EXPECT_FALSE(changed.ok());
  EXPECT_EQ(CodeSha256(copy).status(), changed.status());  // not kept
  fs::copy_file(kWindow, copy, fs::copy_options::overwrite_existing);
  EXPECT_EQ(CodeSha256(copy).value(), CodeSha256(kWindow).value());
  fs::remove(copy);
}

TEST(CodeHashTest, KnowsTheLibrary) {
  EXPECT_THAT(LibraryPath(), ::testing::HasSubstr("/lib/libarchlab.so"));
  EXPECT_TRUE(CodeSha256(LibraryPath()).ok());
}

TEST(CodeHashTest, NamesTheFileInErrors) {
  const auto status = CodeSha256("/nowhere.so").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              ::testing::HasSubstr("/nowhere.so: "));
}

}  // namespace
}  // namespace archlab
