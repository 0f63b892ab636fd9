// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Characters as tokens: which get ids, what is refused, and damaged files.

#include <cstdlib>
#include <string>
#include <vector>

#include "archlab/file.h"
#include "archlab/random.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("tokenizer/char", "");

DocumentSource Texts(const std::string& train, const std::string& validation) {
  return [=](Split split, const DocumentVisitor& visit) {
    visit(split == Split::kTrain ? train : validation);
    return absl::OkStatus();
  };
}

std::vector<int32_t> Ids(const Tokenizer& tokenizer, const std::string& text) {
  std::vector<int32_t> ids;
  const absl::Status status = tokenizer.Encode(text, &ids);
  EXPECT_TRUE(status.ok()) << status;
  return ids;
}

std::string EncodeError(const Tokenizer& tokenizer, const std::string& text) {
  std::vector<int32_t> ids;
  return std::string(tokenizer.Encode(text, &ids).message());
}

TEST(CharTokenizerTest, IdsAreInTheOrderOfCodePoints) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/char");
  ASSERT_TRUE(
      tokenizer->Train(Texts("b\xC3\xA9\n\xE2\x82\xAC", "a\xF0\x9D\x84\x9E"))
          .ok());
  EXPECT_EQ(tokenizer->VocabularySize(), 6);
  EXPECT_EQ(Ids(*tokenizer.get(), "\nab\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E"),
            (std::vector<int32_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(tokenizer->Bytes(4), "\xE2\x82\xAC");
  EXPECT_EQ(tokenizer->Bytes(6), "");
  EXPECT_EQ(tokenizer->Bytes(-1), "");
}

TEST(CharTokenizerTest, UnknownCharactersAreNamed) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/char",
                                       "vocabulary_from: TRAINING");
  ASSERT_TRUE(tokenizer->Train(Texts("abc\n", "xyz")).ok());
  EXPECT_EQ(tokenizer->VocabularySize(), 4);
  EXPECT_EQ(EncodeError(*tokenizer.get(), "ab\nc\xC3\xA9"),
            "the character '\xC3\xA9' (U+00E9) at byte 4 (line 2, column 2) is "
            "not among the 4 characters of the vocabulary; leave it out, set "
            "unknown: REPLACE in [tokenizer/char], or train on text that has "
            "it");
  EXPECT_NE(EncodeError(*tokenizer.get(), "\x1B").find("character U+001B at"),
            std::string::npos);
}

TEST(CharTokenizerTest, UnknownCharactersCanBeReplaced) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/char", "unknown: REPLACE");
  ASSERT_TRUE(tokenizer->Train(Texts("ab", "c")).ok());
  EXPECT_EQ(tokenizer->VocabularySize(), 4);
  EXPECT_EQ(Ids(*tokenizer.get(), "a?c\xE2\x82\xAC"),
            (std::vector<int32_t>{0, 3, 2, 3}));
  EXPECT_EQ(tokenizer->Bytes(3), "\xEF\xBF\xBD");
}

TEST(CharTokenizerTest, OtherBytesThanUtf8AreRefused) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/char");
  const std::string error =
      "byte 3 (line 2, column 2), 0xFF, is not UTF-8; convert the text to "
      "UTF-8 or use [tokenizer/byte] or [tokenizer/bpe]";
  EXPECT_EQ(tokenizer->Train(Texts("a\nb\xFF", "")).message(), error);
  EXPECT_EQ(tokenizer->Train(Texts("ab\n", "a\nb\xFF")).message(), error);
  ASSERT_TRUE(tokenizer->Train(Texts("ab\n", "")).ok());
  EXPECT_EQ(EncodeError(*tokenizer.get(), "a\nb\xFF"), error);
}

TEST(CharTokenizerTest, ATextWithoutCharactersIsRefused) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/char");
  EXPECT_NE(tokenizer->Train(Texts("", "")).message().find("no characters"),
            absl::string_view::npos);
}

TEST(CharTokenizerTest, SavedAndLoadedIsTheSame) {
  const std::string text("z\0\"\\\n\xC3\xA9\xF0\x9D\x84\x9E", 11);
  const UnderTest<Tokenizer> trained("tokenizer/char");
  ASSERT_TRUE(trained->Train(Texts(text, "")).ok());
  const TokenizerFiles files = trained->Save().value();
  const UnderTest<Tokenizer> loaded("tokenizer/char");
  ASSERT_TRUE(loaded->Load(files).ok());
  EXPECT_EQ(loaded->VocabularySize(), trained->VocabularySize());
  EXPECT_EQ(Ids(*loaded.get(), text), Ids(*trained.get(), text));
  EXPECT_EQ(loaded->Save().value(), files);
}

TEST(CharTokenizerTest, DamagedFilesAreRefused) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/char");
  const auto error = [&](const std::string& content) {
    return std::string(
        tokenizer->Load({{"characters.json", content}}).message());
  };
  const std::string remedy =
      "; it should hold {\"characters\": [...]}, one-character strings in "
      "ascending order: restore it or train the tokenizer again";
  EXPECT_EQ(tokenizer->Load({}).message(),
            "characters.json: the file is missing" + remedy);
  EXPECT_EQ(error(""),
            "characters.json: it is not JSON, or is cut off" + remedy);
  EXPECT_EQ(error("{\"characters\": [\"a\", "),
            "characters.json: it is not JSON, or is cut off" + remedy);
  for (const char* content : {"[]", "7", "{}", "{\"characters\": {}}"})
    EXPECT_EQ(error(content),
              "characters.json: the list 'characters' is missing" + remedy);
  for (const char* entry : {"7", "\"\"", "\"bc\"", "\"A\"", "\"a\"", "[]"})
    EXPECT_EQ(error("{\"characters\": [\"a\", " + std::string(entry) + "]}"),
              "characters.json: entry 1 of 'characters' is wrong" + remedy);
}

TEST(CharTokenizerTest, RandomDamageDoesNoHarm) {
  const UnderTest<Tokenizer> trained("tokenizer/char");
  ASSERT_TRUE(trained->Train(Texts("hello \xC3\xA9 world", "")).ok());
  const std::string good = trained->Save().value().at("characters.json");
  const UnderTest<Tokenizer> tokenizer("tokenizer/char");
  Random random(5, 0, 0);
  for (int round = 0; round < 2000; ++round) {
    std::string bad = good.substr(0, random.Below(good.size() + 1));
    for (int i = 0; i < 2 && !bad.empty(); ++i)
      bad[random.Below(bad.size())] = static_cast<char>(random.NextU32());
    if (!tokenizer->Load({{"characters.json", bad}}).ok()) continue;
    // What is accepted is a vocabulary: it is saved and loaded as it is.
    const TokenizerFiles files = tokenizer->Save().value();
    ASSERT_TRUE(tokenizer->Load(files).ok());
    EXPECT_EQ(tokenizer->Save().value(), files);
  }
}

TEST(CharTokenizerTest, TinyShakespeareHas65Characters) {
  const char* const folder = std::getenv("ARCHLAB_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "ARCHLAB_TEST_DATA is not set";
  const std::string text =
      ReadFile(std::string(folder) + "/tinyshakespeare/input.txt").value();
  const UnderTest<Tokenizer> tokenizer("tokenizer/char");
  ASSERT_TRUE(
      tokenizer->Train(Texts(text.substr(0, 1003854), text.substr(1003854)))
          .ok());
  EXPECT_EQ(tokenizer->VocabularySize(), 65);
  EXPECT_EQ(Ids(*tokenizer.get(), text).size(), 1115394u);
}

}  // namespace
}  // namespace archlab
