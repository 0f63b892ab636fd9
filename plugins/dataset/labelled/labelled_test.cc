// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Labelled texts: columns, classes, and lines that are no samples.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "archlab/dataset.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

// A file that stays as long as the program runs.
std::string Lines() {
  const std::string path = ::testing::TempDir() + "archlab_labelled_" +
                           std::to_string(std::random_device()());
  std::ofstream file(path);
  for (int i = 0; i < 40; ++i) file << "line " << i << '\t' << i % 3 << '\n';
  static const struct Remove {
    std::string path;
    ~Remove() { std::filesystem::remove(path); }
  } at_exit = {path};
  return path;
}

ARCHLAB_CONTRACT("dataset/labelled", ("path: '" + Lines() + "'").c_str());

class LabelledTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "archlab_labelled_" +
              std::to_string(std::random_device()());
    ASSERT_TRUE(std::filesystem::create_directory(folder_));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  // A dataset whose parts are both a file with this content.
  UnderTest<Dataset> Make(const std::string& content,
                          const std::string& config = "") const {
    const std::string path = folder_ + "/a";
    std::ofstream(path, std::ios::binary) << content;
    return UnderTest<Dataset>(
        "dataset/labelled",
        "path: '" + path + "' validation_path: '" + path + "' " + config);
  }
  static Document First(const UnderTest<Dataset>& dataset) {
    return dataset->Get(Split::kTrain, 0).value();
  }
  std::string Error(const std::string& content,
                    const std::string& config = "") const {
    return std::string(Make(content, config).status().message());
  }
  std::string folder_;
};

TEST_F(LabelledTest, TextAndNumber) {
  const auto labelled =
      Make("sentence\tlabel\ngood fun \t1\n\nso dull\t0\n", "skip_lines: 1");
  ASSERT_TRUE(labelled.status().ok()) << labelled.status();
  EXPECT_EQ(labelled->Size(Split::kTrain), 2);
  EXPECT_EQ(First(labelled).text, "good fun ");
  EXPECT_EQ(First(labelled).label, 1);
  EXPECT_EQ(First(labelled).target, "");
  EXPECT_EQ(labelled->Get(Split::kTrain, 1)->label, 0);
  EXPECT_EQ(labelled->Origin(Split::kTrain, 1), "'" + folder_ + "/a', line 4");
}

TEST_F(LabelledTest, ColumnsNamesAndPairsOfTexts) {
  const std::string columns =
      "text_column: 3 label_column: 2 label: 'no' label: 'yes' ";
  const std::string line = "17\tyes\tIt rains.\tIt is wet.\n";
  const auto pair = Make(line, columns + "second_column: 4");
  EXPECT_EQ(First(pair).text, "It rains.");
  EXPECT_EQ(First(pair).target, "It is wet.");
  EXPECT_EQ(First(pair).label, 1);
  const auto written =
      Make(line, columns + "label_as_target: true prefix: 'rain: '");
  EXPECT_EQ(First(written).text, "rain: It rains.");
  EXPECT_EQ(First(written).target, "yes");
  EXPECT_EQ(First(written).label, 1);
}

TEST_F(LabelledTest, LinesThatAreNoSamplesAreNamed) {
  const std::string at = "'" + folder_ + "/a', line 1: ";
  EXPECT_EQ(Error("alone\n"),
            at + "the label should be in column 2, but there are 1");
  EXPECT_EQ(Error("\t1\n"), at + "the text is empty");
  EXPECT_EQ(Error("x\tbad\n", "label: 'no' label: 'yes'"),
            at + "the label is 'bad', which is none of 'no', 'yes'");
  EXPECT_EQ(Error("sentence\tlabel\n"),
            at + "the label is 'label', which is no number from 0 on; name the "
                 "classes with label: \"...\", or set skip_lines where this is "
                 "a header");
  EXPECT_EQ(Error("x\t-1\n").find(at + "the label is '-1', which is no"), 0u);
  EXPECT_EQ(Error("x\ty\t1\n", "second_column: 2 label_as_target: true"),
            "cannot be set with second_column: the second text is the target "
            "already");
  // A label that is the text would be learned by heart.
  EXPECT_EQ(Error("1\tx\n", "label_column: 1"),
            "must be another column than text_column, but both are 1; the "
            "label would be the text");
  EXPECT_EQ(Error("x\t1\n", "second_column: 1"),
            "must be a column of its own, but 1 is the text's or the label's");
}

TEST_F(LabelledTest, Sst2IsReadAsItCame) {
  const char* const data = std::getenv("ARCHLAB_TEST_DATA");
  if (data == nullptr) GTEST_SKIP() << "ARCHLAB_TEST_DATA is not set";
  const std::string folder = std::string(data) + "/sst2/";
  const UnderTest<Dataset> sst2("dataset/labelled",
                                "skip_lines: 1 path: '" + folder +
                                    "train.tsv' validation_path: '" + folder +
                                    "dev.tsv'");
  ASSERT_TRUE(sst2.status().ok()) << sst2.status();
  EXPECT_EQ(sst2->Size(Split::kTrain), 67349);
  EXPECT_EQ(sst2->Size(Split::kValidation), 872);
}

}  // namespace
}  // namespace archlab
