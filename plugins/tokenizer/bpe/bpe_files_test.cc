// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// vocab.json and merges.txt: saved, loaded, damaged in every way.

#include <string>
#include <vector>

#include "archlab/random.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"

namespace archlab {
namespace {

constexpr char kText[] = "the theme of these \xC3\xA9tudes: \"then\" and there";
constexpr char kRemedy[] =
    "; the file is damaged or is not of a GPT-2 tokenizer: fetch or write it "
    "again";

// The files of a tokenizer that has learned "he", "the" and " the" from kText.
TokenizerFiles GoodFiles() {
  const UnderTest<Tokenizer> tokenizer("tokenizer/bpe", "vocabulary_size: 400");
  const absl::Status status =
      tokenizer->Train([](Split, const DocumentVisitor& visit) {
        visit(kText);
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  return tokenizer->Save().value();
}

std::string LoadError(const TokenizerFiles& files) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/bpe");
  return std::string(tokenizer->Load(files).message());
}

// The error after replacing the first `from` of a file by `to`.
std::string ErrorWith(const std::string& file, const std::string& from,
                      const std::string& to) {
  TokenizerFiles files = GoodFiles();
  std::string& content = files[file];
  const size_t at = content.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  content.replace(at, from.size(), to);
  return LoadError(files);
}

TEST(BpeFilesTest, SavedAndLoadedIsTheSame) {
  const TokenizerFiles files = GoodFiles();
  const UnderTest<Tokenizer> loaded("tokenizer/bpe");
  ASSERT_TRUE(loaded->Load(files).ok());
  EXPECT_EQ(loaded->VocabularySize(), 259);
  EXPECT_EQ(loaded->Save().value(), files);
  // "the" is 257: h e, then t he.
  std::vector<int32_t> ids;
  ASSERT_TRUE(loaded->Encode("then", &ids).ok());
  EXPECT_EQ(ids, (std::vector<int32_t>{257, 'n'}));
}

TEST(BpeFilesTest, DamagedVocabulary) {
  const auto error = [](const std::string& from, const std::string& to) {
    return ErrorWith("vocab.json", from, to);
  };
  EXPECT_EQ(error("\"the\": 257", "\"the\": 257.5"),
            std::string("vocab.json:1: a fraction as the id of token 'the'") +
                kRemedy);
  EXPECT_EQ(
      error("\"the\": 257", "\"the\": -1"),
      std::string("vocab.json:1: a negative id of token 'the'") + kRemedy);
  EXPECT_EQ(
      error("\"the\": 257", "\n\"the\": \"x\""),
      std::string("vocab.json:2: a string as the id of token 'the'") + kRemedy);
  EXPECT_EQ(
      error("\"the\": 257", "\"the\": [257]"),
      std::string("vocab.json:1: a list as the id of token 'the'") + kRemedy);
  EXPECT_EQ(error("\"the\": 257", "\n\n\"the\": 258"),
            std::string("vocab.json:1: the ids of 259 tokens must be 0 to 258, "
                        "each once, but '\xC4\xA0the' has 258") +
                kRemedy);
  EXPECT_EQ(
      error("\"the\": 257", "\"the\": 99999999999"),
      std::string("vocab.json:1: too large an id of token 'the'") + kRemedy);
  EXPECT_EQ(
      error("\"the\": 257", "\n\"the\" 257"),
      std::string("vocab.json:2: not JSON from here on, or cut off here") +
          kRemedy);
  EXPECT_EQ(
      error("\"the\"", "\"he\""),
      std::string("vocab.json:1: the token 'he' is there twice") + kRemedy);
  EXPECT_EQ(
      error("\"the\"", "\"\xE2\x82\xAC\""),
      std::string("vocab.json:1: the token '\xE2\x82\xAC' has a character "
                  "that stands for no byte") +
          kRemedy);
  EXPECT_EQ(error("\"A\": 65", "\"<A>\": 65"),
            std::string("vocab.json:1: the byte 0x41 has no token") + kRemedy);
}

TEST(BpeFilesTest, OtherJsonIsNoVocabulary) {
  TokenizerFiles files = GoodFiles();
  const auto error = [&](const std::string& content) {
    files["vocab.json"] = content;
    return LoadError(files);
  };
  for (const char* content : {"7", "[]", "null", "\"a\""})
    EXPECT_EQ(error(content),
              std::string("vocab.json:1: not a JSON object of tokens and ids") +
                  kRemedy);
  EXPECT_EQ(error("{}"),
            std::string("vocab.json:1: there are no tokens") + kRemedy);
  EXPECT_EQ(
      error(""),
      std::string("vocab.json:1: not JSON from here on, or cut off here") +
          kRemedy);
  EXPECT_EQ(error(std::string(100000, '[')),
            std::string("vocab.json:1: not a JSON object of tokens and ids") +
                kRemedy);
}

TEST(BpeFilesTest, DamagedMerges) {
  const auto error = [](const std::string& from, const std::string& to) {
    return ErrorWith("merges.txt", from, to);
  };
  for (const char* line : {"the", "t h e", " the", "the ", "t  he"})
    EXPECT_EQ(error("t he\n", std::string(line) + "\n"),
              "merges.txt:3: two tokens with a space between are expected, but "
              "there is '" +
                  std::string(line) + "'" + kRemedy);
  EXPECT_EQ(error("t he", "t hex"),
            std::string("merges.txt:3: the token 'hex' is not in the "
                        "vocabulary") +
                kRemedy);
  EXPECT_EQ(error("t he", "h t"),
            std::string("merges.txt:3: the token 'ht' is not in the "
                        "vocabulary") +
                kRemedy);
  EXPECT_EQ(error("t he", std::string("\x01\xFF", 2) + std::string(90, 'x')),
            "merges.txt:3: two tokens with a space between are expected, but "
            "there is '\xEF\xBF\xBD\xEF\xBF\xBD" +
                std::string(53, 'x') + "...'" + kRemedy);
}

TEST(BpeFilesTest, MergesThatAreCutOffBetweenLinesAreNoticed) {
  TokenizerFiles files = GoodFiles();
  std::string& merges = files["merges.txt"];
  merges.erase(merges.find("t he"));
  EXPECT_EQ(LoadError(files),
            "merges.txt: none of the 1 merges makes the token 'the' (id 257 of "
            "vocab.json); the file is cut off, or the two do not belong "
            "together: fetch or write both again");
}

TEST(BpeFilesTest, LineEndsOfOtherSystemsAndSpecialTokensAreFine) {
  TokenizerFiles files = GoodFiles();
  std::string& merges = files["merges.txt"];
  for (size_t i = 0; (i = merges.find('\n', i)) != std::string::npos; i += 2)
    merges.insert(i, 1, '\r');
  std::string& vocabulary = files["vocab.json"];
  vocabulary.insert(vocabulary.size() - 1, ", \"<|endoftext|>\": 259");
  const UnderTest<Tokenizer> loaded("tokenizer/bpe");
  const absl::Status status = loaded->Load(files);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(loaded->VocabularySize(), 260);
  EXPECT_EQ(loaded->Bytes(259), "<|endoftext|>");
}

TEST(BpeFilesTest, RandomDamageDoesNoHarm) {
  const TokenizerFiles good = GoodFiles();
  const UnderTest<Tokenizer> tokenizer("tokenizer/bpe");
  Random random(4, 0, 0);
  int loaded = 0;
  for (int round = 0; round < 3000; ++round) {
    TokenizerFiles files = good;
    std::string& content = files[round % 2 == 0 ? "vocab.json" : "merges.txt"];
    if (round % 4 < 2) content.resize(random.Below(content.size() + 1));
    for (int i = 0; i < 2 && !content.empty(); ++i)
      content[random.Below(content.size())] =
          static_cast<char>(random.NextU32());
    const absl::Status status = tokenizer->Load(files);
    if (!status.ok()) {
      EXPECT_NE(status.message().find("again"), absl::string_view::npos);
      continue;
    }
    ++loaded;
    std::vector<int32_t> ids;
    ASSERT_TRUE(tokenizer->Encode(kText, &ids).ok());
    std::string back;
    for (const int32_t id : ids) back += tokenizer->Bytes(id);
    ASSERT_EQ(back, kText);
  }
  EXPECT_LT(loaded, 1500);
}

TEST(BpeFilesTest, MissingFiles) {
  TokenizerFiles files = GoodFiles();
  files.erase("merges.txt");
  EXPECT_EQ(LoadError(files),
            "the file merges.txt is missing; restore it, or train the "
            "tokenizer again");
  EXPECT_EQ(LoadError({}),
            "the file vocab.json is missing; restore it, or train the "
            "tokenizer again");
}

TEST(BpeFilesTest, FilesOfTheConfig) {
  const UnderTest<Tokenizer> half("tokenizer/bpe", "vocab_file: 'a'");
  EXPECT_NE(half.status().message().find("belong together"),
            absl::string_view::npos);
  const UnderTest<Tokenizer> none(
      "tokenizer/bpe", "vocab_file: '/none/v' merges_file: '/none/m'");
  ASSERT_TRUE(none.status().ok());
  const auto nothing = [](Split, const DocumentVisitor&) {
    return absl::OkStatus();
  };
  EXPECT_EQ(none->Train(nothing).message(),
            "cannot read '/none/v': No such file or directory; check the "
            "spelling and the directory");
}

}  // namespace
}  // namespace archlab
