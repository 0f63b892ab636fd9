// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Models of SentencePiece: written by hand, as others write them; saved,
// loaded, damaged; a process that ends.

#include <signal.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "archlab/random.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"

namespace archlab {
namespace {

enum Type { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

struct Piece {
  std::string text;
  float score;
  Type type = kNormal;
};

// A field of a serialized message: a string, or a message as one.
std::string Field(int number, const std::string& content) {
  std::string field(1, static_cast<char>(number << 3 | 2));
  for (size_t size = content.size();; size >>= 7) {
    field += static_cast<char>((size & 0x7F) | (size > 0x7F ? 0x80 : 0));
    if (size <= 0x7F) return field + content;
  }
}

std::string Field(int number, int small) {
  return {static_cast<char>(number << 3), static_cast<char>(small)};
}

// A .model: ModelProto of the library's sentencepiece_model.proto, in which
// text is not normalised but for spaces.
std::string Model(const std::vector<Piece>& pieces, int model_type = 1,
                  bool remove_spaces = true) {
  std::string model;
  for (const Piece& piece : pieces) {
    char score[sizeof(float)];
    std::memcpy(score, &piece.score, sizeof(score));
    model += Field(1, Field(1, piece.text) + std::string(1, 0x15) +
                          std::string(score, sizeof(score)) +
                          Field(3, int{piece.type}));
  }
  return model + Field(2, Field(3, model_type)) +
         Field(3, Field(1, "identity") + Field(4, remove_spaces ? 1 : 0));
}

const std::vector<Piece>& ByHand() {
  static const auto& pieces =
      *new std::vector<Piece>{{"<pad>", 0, kControl},
                              {"<unk>", 0, kUnknown},
                              {"\u2581", -2},
                              {"a", -3},
                              {"b", -3},
                              {"ab", -5},
                              {"\u2581a", -4},
                              {"bb", -7},
                              {"<sep>", 0, kUserDefined},
                              {"c", -1, kUnused}};
  return pieces;
}

UnderTest<Tokenizer> Loaded(const std::string& model) {
  UnderTest<Tokenizer> tokenizer("tokenizer/sentencepiece");
  const absl::Status status = tokenizer->Load({{"sentencepiece.model", model}});
  EXPECT_TRUE(status.ok()) << status;
  return tokenizer;
}

std::string LoadError(const std::string& model) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/sentencepiece");
  return std::string(
      tokenizer->Load({{"sentencepiece.model", model}}).message());
}

std::vector<int32_t> Ids(const Tokenizer& tokenizer, absl::string_view text) {
  std::vector<int32_t> ids;
  const absl::Status status = tokenizer.Encode(text, &ids);
  EXPECT_TRUE(status.ok()) << status;
  return ids;
}

TEST(SentencepieceFilesTest, TheMostProbableCut) {
  const std::string model = Model(ByHand());
  const auto tokenizer = Loaded(model);
  EXPECT_EQ(tokenizer->VocabularySize(), 10);
  // "_bb": _ b b has -8, _ bb -9. "_a": -4, _ and a -5. "_bab": _ b ab -10, _ b
  // a b -11.
  EXPECT_EQ(Ids(*tokenizer.get(), "bb"), (std::vector<int32_t>{2, 4, 4}));
  EXPECT_EQ(Ids(*tokenizer.get(), "a  aa"), (std::vector<int32_t>{6, 6, 3}));
  EXPECT_EQ(Ids(*tokenizer.get(), "bab"), (std::vector<int32_t>{2, 4, 5}));
  // What has no piece of its own, or an unused one, is unknown; control pieces
  // are not found in text, others of the user are.
  EXPECT_EQ(Ids(*tokenizer.get(), "axc"), (std::vector<int32_t>{6, 1}));
  EXPECT_EQ(Ids(*tokenizer.get(), "<pad>"), (std::vector<int32_t>{2, 1, 3, 1}));
  EXPECT_EQ(Ids(*tokenizer.get(), "a<sep>b"), (std::vector<int32_t>{6, 8, 4}));
  const std::vector<std::string> bytes = {"",   "\u2370", " ",  "a",     "b",
                                          "ab", " a",     "bb", "<sep>", ""};
  for (int32_t id = 0; id < 10; ++id)
    EXPECT_EQ(tokenizer->Bytes(id), bytes[id]) << id;
  EXPECT_EQ(tokenizer->SpecialId("<pad>"), 0);
  for (const char* const name : {"<unk>", "<sep>", "a", "c", "[MASK]", ""})
    EXPECT_EQ(tokenizer->SpecialId(name), -1) << name;
  EXPECT_EQ(tokenizer->Save()->at("sentencepiece.model"), model);
}

TEST(SentencepieceFilesTest, PiecesWithSpacesWithinAreFound) {
  // Words cannot be encoded one by one here.
  std::vector<Piece> pieces = ByHand();
  pieces.push_back({"\u2581a\u2581a", -4.5F});
  EXPECT_EQ(Ids(*Loaded(Model(pieces)).get(), "a a"),
            (std::vector<int32_t>{10}));
  // Nor where every space counts: here the line end is a character.
  const auto spaces = Loaded(Model(ByHand(), 1, false));
  EXPECT_EQ(Ids(*spaces.get(), "a  a"), (std::vector<int32_t>{6, 2, 6}));
  EXPECT_EQ(Ids(*spaces.get(), "a\na"), (std::vector<int32_t>{6, 1, 3}));
}

TEST(SentencepieceFilesTest, BytePieces) {
  std::vector<Piece> pieces = {{"<unk>", 0, kUnknown}, {"\u2581", -1}};
  for (int byte = 0; byte < 256; ++byte) {
    char text[8];
    std::snprintf(text, sizeof(text), "<0x%02X>", byte);
    pieces.push_back({text, 0, kByte});
  }
  std::string model = Model(pieces);
  model += Field(2, std::string({'\x98', '\x02', 1}));  // byte_fallback
  const auto tokenizer = Loaded(model);
  EXPECT_EQ(Ids(*tokenizer.get(), "\u00E9"),
            (std::vector<int32_t>{1, 2 + 0xC3, 2 + 0xA9}));
  for (int byte = 0; byte < 256; ++byte)
    EXPECT_EQ(tokenizer->Bytes(2 + byte), std::string(1, char(byte)));
}

TEST(SentencepieceFilesTest, DamagedModelsAreRefused) {
  const std::string remedy =
      "; the file is damaged or no model of SentencePiece: fetch or write it "
      "again";
  const std::string good = Model(ByHand());
  const std::vector<std::string> all_bad = {
      "", "not a model", good.substr(0, 30), good.substr(0, good.size() - 1),
      std::string(1000, '\xFF'),
      // No <unk>, a piece twice, an empty piece, a byte that is none.
      Model({{"a", -1}}), Model({{"<unk>", 0, kUnknown}, {"a", 0}, {"a", 0}}),
      Model({{"<unk>", 0, kUnknown}, {"", 0}}),
      Model({{"<unk>", 0, kUnknown}, {"a", 0, kByte}})};
  for (const std::string& bad : all_bad) {
    const std::string error = LoadError(bad);
    EXPECT_THAT(error, ::testing::StartsWith("sentencepiece.model: "));
    EXPECT_THAT(error, ::testing::EndsWith(remedy));
  }
  const UnderTest<Tokenizer> tokenizer("tokenizer/sentencepiece");
  EXPECT_EQ(tokenizer->Load({}).message(),
            "the file sentencepiece.model is missing; restore it, or train the "
            "tokenizer again");
}

TEST(SentencepieceFilesTest, ABadModelLeavesTheOldOne) {
  const auto tokenizer = Loaded(Model(ByHand()));
  EXPECT_FALSE(tokenizer->Load({{"sentencepiece.model", "x"}}).ok());
  EXPECT_EQ(Ids(*tokenizer.get(), "bb"), (std::vector<int32_t>{2, 4, 4}));
  EXPECT_EQ(tokenizer->VocabularySize(), 10);
}

TEST(SentencepieceFilesTest, RandomDamageDoesNoHarm) {
  const std::string good = Model(ByHand());
  const UnderTest<Tokenizer> tokenizer("tokenizer/sentencepiece");
  Random random(4, 0, 0);
  int loaded = 0;
  for (int round = 0; round < 150; ++round) {
    std::string bad = good;
    if (round % 3 == 0) bad.resize(random.Below(bad.size() + 1));
    for (int i = 0; i < 2 && !bad.empty(); ++i)
      bad[random.Below(bad.size())] = static_cast<char>(random.NextU32());
    if (!tokenizer->Load({{"sentencepiece.model", bad}}).ok()) continue;
    ++loaded;
    std::vector<int32_t> ids;
    if (!tokenizer->Encode("ab bb <sep> q", &ids).ok()) continue;
    for (const int32_t id : ids) {
      ASSERT_GE(id, 0);
      ASSERT_LT(id, tokenizer->VocabularySize());
    }
  }
  EXPECT_GT(loaded, 10);
}

TEST(SentencepieceFilesTest, AModelIsReadFromAFile) {
  const std::string path = ::testing::TempDir() + "archlab_by_hand.model";
  std::ofstream(path, std::ios::binary) << Model(ByHand());
  const UnderTest<Tokenizer> tokenizer("tokenizer/sentencepiece",
                                       "model_file: '" + path + "'");
  const absl::Status status =
      tokenizer->Train([](Split, const DocumentVisitor&) {
        return absl::InternalError("the corpus is not read");
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(tokenizer->VocabularySize(), 10);
  std::ofstream(path, std::ios::binary) << "something else";
  EXPECT_THAT(std::string(tokenizer->Train({}).message()),
              ::testing::StartsWith(path + ": "));
  std::filesystem::remove(path);
}

// Children of this thread.
std::vector<pid_t> Children() {
  std::ifstream file("/proc/thread-self/children");
  std::vector<pid_t> children;
  for (pid_t pid = 0; file >> pid;) children.push_back(pid);
  return children;
}

TEST(SentencepieceFilesTest, AProcessThatEndsIsReplaced) {
  const std::vector<pid_t> before = Children();
  const auto tokenizer = Loaded(Model(ByHand()));
  const std::vector<pid_t> children = Children();
  if (children.empty()) GTEST_SKIP() << "the kernel does not list children";
  ASSERT_EQ(children.size(), before.size() + 1);
  kill(children.back(), SIGKILL);
  std::vector<int32_t> ids = {5};
  EXPECT_EQ(tokenizer->Encode("bb", &ids).message(),
            "a text of 2 bytes cannot be encoded: SentencePiece has ended by "
            "signal 9 (Killed)");
  EXPECT_EQ(ids, (std::vector<int32_t>{5}));
  EXPECT_EQ(Ids(*tokenizer.get(), "bb"), (std::vector<int32_t>{2, 4, 4}));
}

TEST(SentencepieceFilesTest, NoProcessStays) {
  const std::vector<pid_t> before = Children();
  { const auto tokenizer = Loaded(Model(ByHand())); }
  EXPECT_EQ(Children(), before);
}

}  // namespace
}  // namespace archlab
