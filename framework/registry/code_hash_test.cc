// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "registry/code_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

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
