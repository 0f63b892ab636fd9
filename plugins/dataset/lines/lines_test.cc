// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Lines: documents, parts, origins, and what all line datasets share.

#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "archlab/dataset.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;

ARCHLAB_CONTRACT("dataset/lines", "path: '" ARCHLAB_SOURCE_DIR
                                  "/plugins/dataset/lines/lines_test.cc'");

class LinesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "archlab_lines_" +
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
    return UnderTest<Dataset>("dataset/lines", config);
  }
  static std::vector<std::string> Texts(const UnderTest<Dataset>& dataset,
                                        Split split) {
    std::vector<std::string> texts;
    for (int64_t i = 0; i < dataset->Size(split); ++i)
      texts.push_back(dataset->Get(split, i).value().text);
    return texts;
  }
  std::string folder_;
};

TEST_F(LinesTest, ALineIsADocument) {
  const auto lines = Make("path: '" + File("a", "one\r\n\ntwo\nthree") +
                          "' validation_path: '" + File("b", "four\n") + "'");
  ASSERT_TRUE(lines.status().ok()) << lines.status();
  EXPECT_THAT(Texts(lines, Split::kTrain),
              ElementsAre("one\n", "two\n", "three\n"));
  EXPECT_THAT(Texts(lines, Split::kValidation), ElementsAre("four\n"));
  EXPECT_EQ(lines->Origin(Split::kTrain, 1), "'" + folder_ + "/a', line 3");
  const auto bare = Make("path: '" + folder_ + "/a' validation_path: '" +
                         folder_ + "/b' keep_newline: false");
  EXPECT_THAT(Texts(bare, Split::kTrain), ElementsAre("one", "two", "three"));
}

TEST_F(LinesTest, ADrawnShareIsTheValidationPart) {
  std::string content;
  for (int i = 0; i < 1000; ++i) content += std::to_string(i) + "\n";
  const auto lines =
      Make("path: '" + File("a", content) + "' validation_fraction: 0.2");
  const auto train = Texts(lines, Split::kTrain);
  const auto validation = Texts(lines, Split::kValidation);
  EXPECT_EQ(train.size(), 800u);
  EXPECT_EQ(validation.size(), 200u);
  std::set<std::string> all(train.begin(), train.end());
  all.insert(validation.begin(), validation.end());
  EXPECT_EQ(all.size(), 1000u);
  int first_half = 0;  // 100 expected, standard deviation 6
  for (const std::string& text : validation)
    first_half += std::stoi(text) < 500;
  EXPECT_NEAR(first_half, 100, 35);
  // At least one, however few there are.
  const auto two = Make("path: '" + File("b", "x\ny\n") + "'");
  EXPECT_EQ(two->Size(Split::kTrain), 1);
  EXPECT_EQ(two->Size(Split::kValidation), 1);
}

TEST_F(LinesTest, FilesThatCannotBeUsed) {
  const auto empty = Make("path: '" + File("a", "\n\n") + "'");
  EXPECT_EQ(empty.status().message(), "there is no document in '" + folder_ +
                                          "/a'; name a file with text");
  EXPECT_EQ(FieldErrorPath(empty.status()), "1");
  const auto none = Make("path: '" + File("b", "x") + "' validation_path: '" +
                         folder_ + "/none'");
  EXPECT_EQ(FieldErrorPath(none.status()), "2");
  EXPECT_EQ(Make("").status().message(), "name at least one file to train on");
}

}  // namespace
}  // namespace archlab
