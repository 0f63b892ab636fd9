// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// vocab.txt: saved, loaded, damaged.

#include <string>
#include <vector>

#include "archlab/random.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"

namespace archlab {
namespace {

constexpr char kRemedy[] =
    "; the file should hold one piece a line, as BERT's vocab.txt: fetch or "
    "write it again";

std::string LoadError(const std::string& vocabulary) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/wordpiece");
  return std::string(tokenizer->Load({{"vocab.txt", vocabulary}}).message());
}

absl::Status TrainWithFile(const std::string& path) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/wordpiece",
                                       "vocab_file: '" + path + "'");
  return tokenizer->Train([](Split, const DocumentVisitor&) {
    return absl::InternalError("the corpus is not read");
  });
}

TEST(WordpieceFilesTest, DamagedFilesAreRefused) {
  const auto error = [](const std::string& what) {
    return "vocab.txt:" + what + kRemedy;
  };
  EXPECT_EQ(LoadError(""), error("1: the file is empty"));
  EXPECT_EQ(LoadError("[UNK]"),
            error("1: the last line has no end: it is cut off"));
  EXPECT_EQ(LoadError("[UNK]\nab\nc"),
            error("3: the last line has no end: it is cut off"));
  EXPECT_EQ(LoadError("[UNK]\n\nab\n"), error("2: there is no piece"));
  EXPECT_EQ(LoadError("[UNK]\n\r\nab\n"), error("2: there is no piece"));
  EXPECT_EQ(LoadError("[UNK]\na\xFF\n"), error("2: the piece is not UTF-8"));
  EXPECT_EQ(LoadError("[UNK]\nab\ncd\nab\n"),
            error("4: the piece is the one of line 2"));
  EXPECT_EQ(LoadError("a\nb\n"), error("2: none of the pieces is [UNK]"));
}

TEST(WordpieceFilesTest, AMissingFileIsNamed) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/wordpiece");
  EXPECT_EQ(tokenizer->Load({{"vocab.json", "{}"}}).message(),
            "the file vocab.txt is missing; restore it, or train the tokenizer "
            "again");
  EXPECT_NE(
      TrainWithFile("/nowhere/vocab.txt").message().find("/nowhere/vocab.txt"),
      absl::string_view::npos);
}

TEST(WordpieceFilesTest, LineEndsOfOtherSystemsAreFine) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/wordpiece");
  ASSERT_TRUE(tokenizer->Load({{"vocab.txt", "[UNK]\r\nab\r\n##c\r\n"}}).ok());
  EXPECT_EQ(tokenizer->Save()->at("vocab.txt"), "[UNK]\nab\n##c\n");
  std::vector<int32_t> ids;
  ASSERT_TRUE(tokenizer->Encode("abc", &ids).ok());
  EXPECT_EQ(ids, (std::vector<int32_t>{1, 2}));
}

TEST(WordpieceFilesTest, RandomDamageDoesNoHarm) {
  std::string good = "[PAD]\n[UNK]\n";
  for (const char* const piece : {"the", "##me", "t", "h", "e", "##h", "##e"})
    good += std::string(piece) + "\n";
  const UnderTest<Tokenizer> tokenizer("tokenizer/wordpiece");
  Random random(6, 0, 0);
  int loaded = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    if (round % 2 == 0) bad.resize(random.Below(bad.size() + 1));
    for (int i = 0; i < 2 && !bad.empty(); ++i)
      bad[random.Below(bad.size())] = round % 3 == 0
                                          ? static_cast<char>(random.NextU32())
                                          : "\n#[]the"[random.Below(7)];
    const absl::Status status = tokenizer->Load({{"vocab.txt", bad}});
    if (!status.ok()) {
      EXPECT_NE(status.message().find("again"), absl::string_view::npos);
      continue;
    }
    ++loaded;
    std::vector<int32_t> ids;
    ASSERT_TRUE(tokenizer->Encode("the theme heth", &ids).ok());
    for (const int32_t id : ids) {
      ASSERT_GE(id, 0);
      ASSERT_LT(id, tokenizer->VocabularySize());
    }
    EXPECT_EQ(tokenizer->Save()->at("vocab.txt").size(), bad.size());
  }
  EXPECT_GT(loaded, 100);
}

}  // namespace
}  // namespace archlab
