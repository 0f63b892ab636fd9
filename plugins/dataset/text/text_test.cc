// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Text files: where documents and parts begin, and what is refused.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "archlab/dataset.h"
#include "archlab/testing.h"
#include "archlab/utf8.h"

namespace archlab {
namespace {

using Strings = std::vector<std::string>;

ARCHLAB_CONTRACT("dataset/text", "path: '" ARCHLAB_SOURCE_DIR
                                 "/plugins/dataset/text/text_test.cc'");

class TextTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "archlab_text_" +
              std::to_string(std::random_device()());
    ASSERT_TRUE(std::filesystem::create_directory(folder_));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Writes a file and returns its path.
  std::string File(const std::string& name, const std::string& content) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static UnderTest<Dataset> Make(const std::string& path,
                                 const std::string& config) {
    return UnderTest<Dataset>("dataset/text", "path: '" + path + "' " + config);
  }
  static std::string Error(const std::string& path,
                           const std::string& config = "") {
    return std::string(Make(path, config).status().message());
  }
  static Strings Documents(const UnderTest<Dataset>& dataset, Split split) {
    Strings documents;
    for (int64_t i = 0; i < dataset->Size(split); ++i)
      documents.push_back(dataset->Get(split, i).value().text);
    return documents;
  }

  std::string folder_;
};

TEST_F(TextTest, TheEndIsTheValidationPart) {
  const auto text = Make(File("a", "0123456789abcdefghij"), "");
  ASSERT_TRUE(text.status().ok()) << text.status();
  EXPECT_EQ(Documents(text, Split::kTrain), Strings{"0123456789abcdefgh"});
  EXPECT_EQ(Documents(text, Split::kValidation), Strings{"ij"});
  EXPECT_EQ(text->Origin(Split::kValidation, 0),
            "'" + folder_ + "/a', counted from byte 18");
}

TEST_F(TextTest, TheSplitCountsCharactersNotBytes) {
  const std::string euro = "\xE2\x82\xAC";
  const auto text =
      Make(File("a", "ab" + euro + euro + "cd"), "validation_fraction: 0.5");
  EXPECT_EQ(Documents(text, Split::kTrain), Strings{"ab" + euro});
  EXPECT_EQ(Documents(text, Split::kValidation), Strings{euro + "cd"});
  const auto bytes =
      Make(folder_ + "/a", "validation_fraction: 0.5 encoding: BYTES");
  EXPECT_EQ(Documents(bytes, Split::kTrain), Strings{"ab" + euro});
  EXPECT_EQ(Documents(bytes, Split::kValidation), Strings{euro + "cd"});
  const auto odd =
      Make(folder_ + "/a", "validation_fraction: 0.4 encoding: BYTES");
  EXPECT_EQ(Documents(odd, Split::kTrain), Strings{"ab" + euro + "\xE2"});
}

TEST_F(TextTest, SeveralFilesAreOneCorpus) {
  File("a", "0123");
  File("b", "");
  File("c", "456789");
  const auto text =
      Make(folder_ + "/a", "path: '" + folder_ + "/b' path: '" + folder_ +
                               "/c' validation_fraction: 0.3");
  EXPECT_EQ(Documents(text, Split::kTrain), (Strings{"0123", "456"}));
  EXPECT_EQ(Documents(text, Split::kValidation), Strings{"789"});
}

TEST_F(TextTest, ASplitBetweenTwoFilesCutsNone) {
  File("a", "01234");
  File("b", "56789");
  const auto text = Make(folder_ + "/a",
                         "path: '" + folder_ + "/b' validation_fraction: 0.5");
  EXPECT_EQ(Documents(text, Split::kTrain), Strings{"01234"});
  EXPECT_EQ(Documents(text, Split::kValidation), Strings{"56789"});
}

TEST_F(TextTest, ValidationFilesLeaveTheTrainingFilesWhole) {
  const auto text = Make(File("a", "0123456789"),
                         "validation_path: '" + File("b", "xyz") + "'");
  EXPECT_EQ(Documents(text, Split::kTrain), Strings{"0123456789"});
  EXPECT_EQ(Documents(text, Split::kValidation), Strings{"xyz"});
}

TEST_F(TextTest, SeparatorsBelongToTheDocumentThatTheyEnd) {
  const auto text = Make(File("a", "one--two----three"),
                         "document_separator: '--' validation_fraction: 0.05");
  EXPECT_EQ(Documents(text, Split::kTrain),
            (Strings{"one--", "two--", "--", "thre"}));
  EXPECT_EQ(Documents(text, Split::kValidation), Strings{"e"});
  // Found from left to right, without overlap.
  const auto dashes = Make(File("b", "a-----b"),
                           "document_separator: '--' validation_fraction: 0.1");
  EXPECT_EQ(Documents(dashes, Split::kTrain), (Strings{"a--", "--", "-"}));
}

TEST_F(TextTest, LineEndsAndZerosStayByteOrderMarksGo) {
  const std::string body("a\r\nb\0c\n", 7);
  const std::string mark = "\xEF\xBB\xBF";
  const std::string more = "validation_path: '" + File("v", "x") + "'";
  const auto text = Make(File("a", mark + body + mark), more);
  EXPECT_EQ(Documents(text, Split::kTrain), Strings{body + mark});
  const auto bytes = Make(folder_ + "/a", more + " encoding: BYTES");
  EXPECT_EQ(Documents(bytes, Split::kTrain), Strings{mark + body + mark});
}

TEST_F(TextTest, LargeFilesAreReadInPieces) {
  // Three-byte characters and separators on the borders of all pieces.
  std::string content = "x";
  while (content.size() < 3 << 20) content += "\xE2\x82\xAC<end>\xE2\x82\xAC";
  const auto text = Make(File("a", content), "document_separator: '<end>'");
  ASSERT_TRUE(text.status().ok()) << text.status();
  const Strings train = Documents(text, Split::kTrain);
  const Strings validation = Documents(text, Split::kValidation);
  EXPECT_EQ(train[0], "x\xE2\x82\xAC<end>");
  EXPECT_EQ(train[1], "\xE2\x82\xAC\xE2\x82\xAC<end>");
  std::string all;
  for (const Strings* part : {&train, &validation})
    for (const std::string& document : *part) all += document;
  EXPECT_TRUE(all == content);
  int64_t trained = 0;
  for (const std::string& document : train)
    trained += CountCodePoints(document);
  EXPECT_EQ(trained, CountCodePoints(content) * 9 / 10);
}

TEST_F(TextTest, OtherBytesThanUtf8AreRefused) {
  EXPECT_EQ(Error(File("latin", "caf\xC3\xA9\ncaf\xE9 au lait")),
            "'" + folder_ +
                "/latin' is not UTF-8: byte 9 (line 2, column 4) is 0xE9; "
                "convert it (such as iconv -f ISO-8859-1 -t UTF-8), or set "
                "encoding: BYTES in [dataset/text] and use [tokenizer/byte] or "
                "[tokenizer/bpe]");
  EXPECT_EQ(Error(File("utf16", std::string("\xFF\xFE"
                                            "a\0",
                                            4))),
            "'" + folder_ +
                "/utf16' is not UTF-8: byte 0 (line 1, column 1) is 0xFF; it "
                "looks like UTF-16: convert it (iconv -f UTF-16 -t UTF-8)");
  EXPECT_EQ(Error(File("gzip", "\x1F\x8B\x08")),
            "'" + folder_ +
                "/gzip' is not UTF-8: byte 1 (line 1, column 2) is 0x8B; it "
                "looks like a gzip file: unpack it");
  // A character that the end of the file cuts off.
  EXPECT_NE(Error(File("cut", "ab\xE2\x82")).find("byte 2 "),
            std::string::npos);
  EXPECT_TRUE(Make(folder_ + "/latin", "encoding: BYTES").status().ok());
}

TEST_F(TextTest, FilesThatCannotBeUsed) {
  EXPECT_EQ(Error(folder_ + "/none"),
            "cannot read '" + folder_ +
                "/none': No such file or directory; check the spelling and the "
                "directory");
  EXPECT_EQ(Error(folder_), "cannot read '" + folder_ +
                                "': it is a directory; name a file inside it");
  EXPECT_EQ(Error(File("empty", "")),
            "there is no text: '" + folder_ +
                "/empty' is empty; name a file with text");
  EXPECT_EQ(Error(File("mark", "\xEF\xBB\xBF")),
            "there is no text: '" + folder_ +
                "/mark' is empty; name a file with text");
  const auto missing = Make(File("a", "abc"), "validation_path: '/none/b'");
  EXPECT_EQ(FieldErrorPath(missing.status()), "2");
  EXPECT_EQ(UnderTest<Dataset>("dataset/text", "").status().message(),
            "name at least one text file to train on");
}

TEST_F(TextTest, AFileThatBecameShorterIsAnError) {
  const auto text = Make(File("a", std::string(100, 'x')), "");
  std::filesystem::resize_file(folder_ + "/a", 10);
  const auto document = text->Get(Split::kTrain, 0);
  EXPECT_EQ(document.status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(TextTest, TinyShakespeareIsSplitAsPublished) {
  const char* const folder = std::getenv("ARCHLAB_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "ARCHLAB_TEST_DATA is not set";
  const auto text =
      Make(std::string(folder) + "/tinyshakespeare/input.txt", "");
  ASSERT_TRUE(text.status().ok()) << text.status();
  EXPECT_EQ(Documents(text, Split::kTrain)[0].size(), 1003854u);
  EXPECT_EQ(Documents(text, Split::kValidation)[0].size(), 111540u);
}

}  // namespace
}  // namespace archlab
