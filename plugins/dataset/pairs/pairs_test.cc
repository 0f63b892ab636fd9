// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Pairs: columns, parallel files, and lines that are no pairs.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "archlab/dataset.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

// Lines that go together with themselves; empty ones are no pairs.
ARCHLAB_CONTRACT("dataset/pairs",
                 "path: '" ARCHLAB_SOURCE_DIR
                 "/plugins/dataset/pairs/pairs_test.cc' target_path: "
                 "'" ARCHLAB_SOURCE_DIR
                 "/plugins/dataset/pairs/pairs_test.cc'");

class PairsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "archlab_pairs_" +
              std::to_string(std::random_device()());
    ASSERT_TRUE(std::filesystem::create_directory(folder_));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string File(const std::string& name, const std::string& content) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static UnderTest<Dataset> Make(const std::string& config) {
    return UnderTest<Dataset>("dataset/pairs", config);
  }
  // "text>target" of document `index`.
  static std::string Pair(const UnderTest<Dataset>& dataset, Split split,
                          int64_t index) {
    const Document document = dataset->Get(split, index).value();
    return document.text + ">" + document.target;
  }
  // The error of a file with this content.
  std::string Error(const std::string& content) const {
    return std::string(
        Make("path: '" + File("bad", content) + "'").status().message());
  }
  std::string folder_;
};

TEST_F(PairsTest, ColumnsAreSourceAndTarget) {
  const std::string paths =
      "path: '" +
      File("a", "from\tto\nein Hund\ta dog\n\neine Katze\ta cat\n") +
      "' validation_path: '" + File("b", "from\tto\nja\tyes\n") + "'";
  const auto pairs = Make(paths + " skip_lines: 1");
  ASSERT_TRUE(pairs.status().ok()) << pairs.status();
  EXPECT_EQ(pairs->Size(Split::kTrain), 2);
  EXPECT_EQ(Pair(pairs, Split::kTrain, 0), "ein Hund>a dog");
  EXPECT_EQ(Pair(pairs, Split::kTrain, 1), "eine Katze>a cat");
  EXPECT_EQ(Pair(pairs, Split::kValidation, 0), "ja>yes");
  EXPECT_EQ(pairs->Origin(Split::kTrain, 1), "'" + folder_ + "/a', line 4");
  const auto swapped = Make(paths + " swap: true");
  EXPECT_EQ(Pair(swapped, Split::kTrain, 1), "a dog>ein Hund");
}

TEST_F(PairsTest, TwoFilesGoTogetherLineByLine) {
  const std::string source = File("de", "eins\nzwei\n");
  const std::string target = File("en", "one\ntwo\n");
  const auto pairs = Make("path: '" + source + "' target_path: '" + target +
                          "' validation_path: '" + source +
                          "' validation_target_path: '" + target + "'");
  ASSERT_TRUE(pairs.status().ok()) << pairs.status();
  EXPECT_EQ(Pair(pairs, Split::kTrain, 1), "zwei>two");
  EXPECT_EQ(Pair(pairs, Split::kValidation, 0), "eins>one");
  const auto uneven = Make("path: '" + source + "' target_path: '" +
                           File("short", "one\n") + "'");
  EXPECT_EQ(uneven.status().message(),
            "'" + source + "' has 2 lines, but '" + folder_ +
                "/short' has 1; they must go together line by line");
}

TEST_F(PairsTest, AsManyTargetFilesAsSourceFiles) {
  const std::string file = File("a", "x\n");
  const auto more = Make("path: '" + file + "' target_path: '" + file +
                         "' target_path: '" + file + "'");
  EXPECT_EQ(more.status().message(),
            "must name as many files as path, 1, but names 2");
  const auto missing = Make("path: '" + file + "' target_path: '" + file +
                            "' validation_path: '" + file + "'");
  EXPECT_EQ(missing.status().message(),
            "must name 1 files (as many as validation_path where target_path "
            "is used), but names 0");
}

TEST_F(PairsTest, LinesThatAreNoPairsAreNamed) {
  const std::string at = "'" + folder_ + "/bad', line 2: ";
  EXPECT_EQ(Error("a\tb\nc d\n"),
            at + "there is no tab between a source and a target");
  EXPECT_EQ(Error("a\tb\nc\td\te\n"),
            at + "there is more than one tab; give two columns, source and "
                 "target");
  EXPECT_EQ(Error("a\tb\n\td\n"), at + "the source is empty");
  EXPECT_EQ(Error("a\tb\nc\t\n"), at + "the target is empty");
}

TEST_F(PairsTest, Multi30kIsReadAsItCame) {
  const char* const data = std::getenv("ARCHLAB_TEST_DATA");
  if (data == nullptr) GTEST_SKIP() << "ARCHLAB_TEST_DATA is not set";
  const std::string folder = std::string(data) + "/multi30k/";
  const auto pairs =
      Make("path: '" + folder + "train.de.gz' target_path: '" + folder +
           "train.en.gz' validation_path: '" + folder +
           "val.de.gz' validation_target_path: '" + folder + "val.en.gz'");
  ASSERT_TRUE(pairs.status().ok()) << pairs.status();
  EXPECT_EQ(pairs->Size(Split::kTrain), 29000);
  EXPECT_EQ(pairs->Size(Split::kValidation), 1014);
}

}  // namespace
}  // namespace archlab
