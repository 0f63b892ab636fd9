// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// SentencePiece: training, the cut of a text, decoding; that the library stays
// out of this process.

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "archlab/file.h"
#include "archlab/random.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("tokenizer/sentencepiece", "vocabulary_size: 120");
ARCHLAB_CONTRACT("tokenizer/sentencepiece",
                 "vocabulary_size: 120 model_type: BPE character_coverage: 1");
ARCHLAB_CONTRACT("tokenizer/sentencepiece",
                 "vocabulary_size: 400 byte_fallback: true lower_case: true");

using Words = std::vector<std::string>;

DocumentSource Documents(const Words& documents) {
  return [documents](Split split, const DocumentVisitor& visit) {
    if (split == Split::kTrain)
      for (const std::string& document : documents) visit(document);
    else
      visit("only the training part counts");
    return absl::OkStatus();
  };
}

UnderTest<Tokenizer> Trained(const Words& documents,
                             const std::string& config) {
  UnderTest<Tokenizer> tokenizer("tokenizer/sentencepiece", config);
  const absl::Status status = tokenizer->Train(Documents(documents));
  EXPECT_TRUE(status.ok()) << status;
  return tokenizer;
}

std::string TrainError(const Words& documents, const std::string& config) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/sentencepiece", config);
  return std::string(tokenizer->Train(Documents(documents)).message());
}

Words Pieces(const Tokenizer& tokenizer, absl::string_view text) {
  std::vector<int32_t> ids;
  const absl::Status status = tokenizer.Encode(text, &ids);
  EXPECT_TRUE(status.ok()) << status;
  Words pieces;
  for (const int32_t id : ids) pieces.push_back(tokenizer.Bytes(id));
  return pieces;
}

std::string Joined(const Words& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

// The text of arXiv:1508.07909, figure 1.
Words LowLower() {
  Words documents;
  for (int i = 0; i < 6; ++i) {
    if (i < 5) documents.push_back("low");
    if (i < 2) documents.push_back("lower");
    documents.push_back("newest");
    if (i < 3) documents.push_back("widest");
  }
  return documents;
}

TEST(SentencepieceTest, BpeJoinsTheMostFrequentPair) {
  // <unk>, 11 characters with the space, and 2 pairs: "es" 9 times, "est" 9.
  const auto tokenizer =
      Trained(LowLower(), "model_type: BPE vocabulary_size: 14");
  EXPECT_EQ(tokenizer->VocabularySize(), 14);
  EXPECT_EQ(tokenizer->Bytes(0), "\u2370");
  EXPECT_EQ(Pieces(*tokenizer.get(), "newest lowest"),
            (Words{" ", "n", "e", "w", "est", " ", "l", "o", "w", "est"}));
  // With room for more: all pairs, and fewer pieces than asked for.
  const auto all = Trained(LowLower(), "model_type: BPE vocabulary_size: 500");
  EXPECT_LT(all->VocabularySize(), 60);
  EXPECT_EQ(Pieces(*all.get(), "lower newest"), (Words{" lower", " newest"}));
}

TEST(SentencepieceTest, TextIsNormalised) {
  const Words documents = {"the (1) cat's fi\nABC \u30A2 abc", "the cat"};
  const auto tokenizer =
      Trained(documents, "vocabulary_size: 60 character_coverage: 1");
  const auto decoded = [&](const std::string& text) {
    return Joined(Pieces(*tokenizer.get(), text));
  };
  EXPECT_EQ(decoded("  the \t\r\n cat "), " the cat");
  EXPECT_EQ(decoded("\u2474 \uFB01\u3000\uFF21\uFF22\uFF23"), " (1) fi ABC");
  EXPECT_EQ(decoded("\uFF71 \u200B cat"), " \u30A2 cat");
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded(" \n\t "), "");
  // Characters without a piece: one sign for a run of them.
  EXPECT_EQ(decoded("the \U0001F680\U0001F469 cat"), " the \u2370 cat");
  EXPECT_EQ(decoded("the\xFF cat"), " the cat");
  EXPECT_EQ(decoded("<unk> <s>").find("<unk>"), std::string::npos);
}

TEST(SentencepieceTest, LowerCaseFolds) {
  const auto tokenizer =
      Trained({"the cat"}, "vocabulary_size: 60 lower_case: true");
  EXPECT_EQ(Joined(Pieces(*tokenizer.get(), "THE Cat")), " the cat");
}

TEST(SentencepieceTest, BytesForOtherCharacters) {
  const auto tokenizer =
      Trained({"the cat"}, "vocabulary_size: 300 byte_fallback: true");
  EXPECT_EQ(Pieces(*tokenizer.get(), "\u20AC"),
            (Words{" ", "\xE2", "\x82", "\xAC"}));
  EXPECT_EQ(Joined(Pieces(*tokenizer.get(), "a \U0001F680 dog")),
            " a \U0001F680 dog");
}

TEST(SentencepieceTest, AllLinesOfAllDocumentsCount) {
  // Long lines, tabs, zero bytes and the library's reserved U+2585 do not make
  // it pass over a line.
  std::string line = "abc";
  while (line.size() < 100000) line += " abc";
  const auto tokenizer = Trained(
      {line + "\nxyz xyz", "xyz\txyz\n\nk\u2585k kk", std::string("q\0q", 3)},
      "vocabulary_size: 60 character_coverage: 1 model_type: BPE");
  EXPECT_EQ(Joined(Pieces(*tokenizer.get(), "abc xyz kq")), " abc xyz kq");
  EXPECT_EQ(Pieces(*tokenizer.get(), "abc xyz"), (Words{" abc", " xyz"}));
  // A word that no space interrupts.
  const auto one_word = Trained({std::string(200001, 'a') + "\u00E9"},
                                "vocabulary_size: 20 model_type: BPE "
                                "character_coverage: 1");
  EXPECT_EQ(Joined(Pieces(*one_word.get(), "aa\u00E9")), " aa\u00E9");
}

TEST(SentencepieceTest, LongTextIsCutLikeShortText) {
  // In one piece the scores of half a million words would add up to more than
  // floats can tell apart.
  const auto tokenizer = Trained(LowLower(), "vocabulary_size: 40");
  std::vector<int32_t> once, often;
  const std::string words = "lower newest widest low slow newer ";
  ASSERT_TRUE(tokenizer->Encode(words, &once).ok());
  std::string text;
  for (int i = 0; i < 100000; ++i) text += words;
  ASSERT_TRUE(tokenizer->Encode(text, &often).ok());
  ASSERT_EQ(often.size(), once.size() * 100000);
  for (size_t i = 0; i < often.size(); ++i)
    ASSERT_EQ(often[i], once[i % once.size()]) << i;
}

TEST(SentencepieceTest, ImpossibleSettingsSayWhatToChange) {
  EXPECT_EQ(TrainError({}, ""),
            "the training part has no text to learn pieces from; give "
            "data.dataset a text, or name a model in model_file");
  EXPECT_EQ(TrainError({"", " \n\t "}, ""), TrainError({}, ""));
  for (const char* const type : {"UNIGRAM", "BPE"})
    EXPECT_THAT(
        TrainError({"abcdefghijklm"},
                   std::string("vocabulary_size: 5 model_type: ") + type),
        ::testing::StartsWith(
            "a vocabulary_size of 5 has no room for the characters of the "
            "training part; raise it, or lower character_coverage"));
  EXPECT_NE(TrainError({"abc"}, "byte_fallback: true vocabulary_size: 100"),
            "");
}

TEST(SentencepieceTest, ErrorsOfTheCorpusArePassedOn) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/sentencepiece");
  const absl::Status status =
      tokenizer->Train([](Split, const DocumentVisitor& visit) {
        visit("a text");
        return absl::NotFoundError("corpus.txt is gone");
      });
  EXPECT_EQ(status, absl::NotFoundError("corpus.txt is gone"));
}

TEST(SentencepieceTest, TheLibraryIsInAnotherProcess) {
  // This process has parsed the config with Protocol Buffers, trains, encodes,
  // parses again, and is silent.
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const auto first = Trained(LowLower(), "vocabulary_size: 30");
  const Words pieces = Pieces(*first.get(), "lowest");
  const auto second =
      Trained(LowLower(), "vocabulary_size: 30 model_type: UNIGRAM");
  EXPECT_EQ(Pieces(*second.get(), "lowest"), pieces);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  std::ifstream file("/proc/self/maps");
  const std::string maps((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(maps.find("/sentencepiece.so"), std::string::npos);
  EXPECT_NE(maps.find("/libprotobuf.so"), std::string::npos);
  EXPECT_EQ(maps.find("/libsentencepiece"), std::string::npos);
}

TEST(SentencepieceTest, DecodedTextHasTheSameIds) {
  const auto tokenizer = Trained(
      {"The theme: a thin, \u00E9tude. 7/8 \u65E5\u672C \u03B1\u03A3 thaw"},
      "vocabulary_size: 60 character_coverage: 1");
  const Words parts = {"The",    "a",      "\u00C9", " ",    ",",      "\u65E5",
                       "\u03A3", "q",      "\n",     "\xFF", "8",      "\u2370",
                       "theme",  "\u3000", "\uFB01", "\t",   "\u2581", "  "};
  Random random(8, 0, 0);
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    for (uint64_t n = random.Below(12); n > 0; --n)
      text += parts[random.Below(parts.size())];
    std::vector<int32_t> ids, again;
    ASSERT_TRUE(tokenizer->Encode(text, &ids).ok());
    ASSERT_TRUE(
        tokenizer->Encode(Joined(Pieces(*tokenizer.get(), text)), &again).ok());
    ASSERT_EQ(again, ids) << text;
  }
}

}  // namespace
}  // namespace archlab
