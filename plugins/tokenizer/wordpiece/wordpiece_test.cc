// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// WordPiece: words, the greedy cut, decoding, and BERT's own vocabulary.

#include <cstdlib>
#include <string>
#include <vector>

#include "archlab/file.h"
#include "archlab/random.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("tokenizer/wordpiece", "vocabulary_size: 300");
ARCHLAB_CONTRACT("tokenizer/wordpiece",
                 "vocabulary_size: 300 lower_case: false");
ARCHLAB_CONTRACT("tokenizer/wordpiece", "vocabulary_size: 20");

using Words = std::vector<std::string>;

DocumentSource Text(const std::string& text) {
  return [text](Split split, const DocumentVisitor& visit) {
    visit(split == Split::kTrain ? text : "only the training part counts");
    return absl::OkStatus();
  };
}

std::vector<int32_t> Ids(const Tokenizer& tokenizer, absl::string_view text) {
  std::vector<int32_t> ids;
  const absl::Status status = tokenizer.Encode(text, &ids);
  EXPECT_TRUE(status.ok()) << status;
  return ids;
}

std::string Decoded(const Tokenizer& tokenizer,
                    const std::vector<int32_t>& ids) {
  std::string text;
  for (const int32_t id : ids) text += tokenizer.Bytes(id);
  return text;
}

// The words of a text, each with a space before it: with a piece for each
// character no word is unknown.
std::string WordsOf(const std::string& text, const std::string& config = "") {
  const UnderTest<Tokenizer> tokenizer("tokenizer/wordpiece", config);
  const absl::Status status = tokenizer->Train(Text(text));
  EXPECT_TRUE(status.ok()) << status;
  return Decoded(*tokenizer.get(), Ids(*tokenizer.get(), text));
}

// A tokenizer with this vocabulary.
UnderTest<Tokenizer> With(const std::string& vocabulary,
                          const std::string& config = "") {
  UnderTest<Tokenizer> tokenizer("tokenizer/wordpiece", config);
  const absl::Status status = tokenizer->Load({{"vocab.txt", vocabulary}});
  EXPECT_TRUE(status.ok()) << status;
  return tokenizer;
}

TEST(WordpieceTest, WhiteSpaceAndPunctuationSeparate) {
  EXPECT_EQ(WordsOf(" Hello,\tWORLD!\r\n"), " hello , world !");
  EXPECT_EQ(WordsOf("don't (stop) e-mail"), " don ' t ( stop ) e - mail");
  // ASCII signs that Unicode counts as symbols are punctuation too; others
  // that it counts so are not.
  EXPECT_EQ(WordsOf("a$b^c`d|e~f 5\u20AC"), " a $ b ^ c ` d | e ~ f 5\u20AC");
  EXPECT_EQ(WordsOf("\u00BFqu\u00E9?\u2026\u3002"),
            " \u00BF que ? \u2026 \u3002");
  EXPECT_EQ(WordsOf("[MASK] [unk]"), " [ mask ] [ unk ]");
  EXPECT_EQ(WordsOf("a\u00A0b\u3000c\u2028d\u2029e"), " a b c d e");
}

TEST(WordpieceTest, IdeographsAreWords) {
  EXPECT_EQ(WordsOf("ab\u535A\u63A8cd"), " ab \u535A \u63A8 cd");
  EXPECT_EQ(WordsOf("\U00020000\U0002F800x"), " \U00020000 \u4E3D x");
  // Kana and Hangul are not; Hangul is decomposed.
  EXPECT_EQ(WordsOf("\u304B\u306A \uAC00"), " \u304B\u306A \u1100\u1161");
  EXPECT_EQ(WordsOf("\uAC00", "lower_case: false"), " \uAC00");
}

TEST(WordpieceTest, LowerCaseWithoutAccents) {
  EXPECT_EQ(WordsOf("H\u00E9llo \u00C5NGSTR\u00D6M"), " hello angstrom");
  EXPECT_EQ(WordsOf("H\u00E9llo \u00C5NGSTR\u00D6M", "lower_case: false"),
            " H\u00E9llo \u00C5NGSTR\u00D6M");
  // Already decomposed; the dotted capital I; a final sigma; a spacing mark
  // (U+0903) stays, the nonspacing U+0902 goes.
  EXPECT_EQ(WordsOf("e\u0301 \u0130I \u039F\u0394\u039F\u03A3"),
            " e ii \u03BF\u03B4\u03BF\u03C2");
  EXPECT_EQ(WordsOf("\u0915\u0902 \u0915\u0903"), " \u0915 \u0915\u0903");
  // No case folding, no compatibility: sharp s and the ligature stay.
  EXPECT_EQ(WordsOf("STRA\u00DFE \uFB01x"), " stra\u00DFe \uFB01x");
  // A mark alone leaves nothing.
  EXPECT_EQ(WordsOf("a \u0301 b"), " a b");
}

TEST(WordpieceTest, ControlCharactersAreLeftOut) {
  EXPECT_EQ(WordsOf(std::string("a\0b\x01"
                                "c\x7F\x1B",
                                7)),
            " abc");
  EXPECT_EQ(WordsOf("a\u200Db\u00ADc\uFEFF\uFFFDd\u0085"), " abcd");
  // Neither is what is not UTF-8: a stray byte, a surrogate, a cut character.
  EXPECT_EQ(WordsOf("a\xFF"
                    "b\xED\xA0\x80"
                    "c\xE2\x82"),
            " abc");
  // Private and unassigned characters stay, as in BERT's own code.
  EXPECT_EQ(WordsOf("a\uE000"), " a\uE000");
}

TEST(WordpieceTest, TheLongestPieceFirst) {
  const std::string vocabulary =
      "[UNK]\n[CLS]\n[SEP]\nwant\n##want\n##ed\nwa\nun\nrunn\n##ing\n,\n";
  const auto tokenizer = With(vocabulary);
  // The examples of BERT's own tests.
  EXPECT_EQ(Ids(*tokenizer.get(), ""), (std::vector<int32_t>{}));
  EXPECT_EQ(Ids(*tokenizer.get(), "unwanted running"),
            (std::vector<int32_t>{7, 4, 5, 8, 9}));
  EXPECT_EQ(Ids(*tokenizer.get(), "unwantedX running"),
            (std::vector<int32_t>{0, 8, 9}));
  EXPECT_EQ(Ids(*tokenizer.get(), "UNwant\u00E9d,running"),
            (std::vector<int32_t>{7, 4, 5, 10, 8, 9}));
  // No way back: "want" is taken, and nothing continues it.
  EXPECT_EQ(Ids(*tokenizer.get(), "wanting wantx wa want"),
            (std::vector<int32_t>{3, 9, 0, 6, 3}));
  EXPECT_EQ(Decoded(*tokenizer.get(), {7, 4, 5, 10, 0, 8, 9}),
            " unwanted , \u2370 running");
  EXPECT_EQ(tokenizer->Bytes(1), "");
  EXPECT_EQ(tokenizer->Save()->at("vocab.txt"), vocabulary);
}

TEST(WordpieceTest, CharactersAreNotCutInTheMiddle) {
  // The second bytes of these characters differ, their first bytes do not.
  const auto tokenizer = With("[UNK]\n\u03B1\n##\u03B2\n", "lower_case: false");
  EXPECT_EQ(Ids(*tokenizer.get(), "\u03B1\u03B2\u03B2 \u03B1\u03B3 \u03B1"),
            (std::vector<int32_t>{1, 2, 2, 0, 1}));
}

TEST(WordpieceTest, NamesInBracketsAreNeverText) {
  const auto tokenizer =
      With("[PAD]\n[unused0]\n[UNK]\n[MASK]\n[\n]\nmask\nunk\n[]\n");
  EXPECT_EQ(Ids(*tokenizer.get(), "[MASK] [UNK] [PAD] []"),
            (std::vector<int32_t>{4, 6, 5, 4, 7, 5, 4, 2, 5, 4, 5}));
  EXPECT_EQ(tokenizer->Bytes(0) + tokenizer->Bytes(1) + tokenizer->Bytes(3),
            "");
  EXPECT_EQ(tokenizer->Bytes(2), " \u2370");
  EXPECT_EQ(tokenizer->Bytes(4), " [");
  EXPECT_EQ(tokenizer->SpecialId("[PAD]"), 0);
  EXPECT_EQ(tokenizer->SpecialId("[MASK]"), 3);
  // Not there, text, or what text may become.
  for (const char* const name : {"[CLS]", "[", "mask", "[]", "[UNK]", ""})
    EXPECT_EQ(tokenizer->SpecialId(name), -1) << name;
}

TEST(WordpieceTest, LongWordsAreUnknown) {
  const auto tokenizer = With("[UNK]\na\n##a\n\u00E9\n##\u00E9\n",
                              "max_word_characters: 3 lower_case: false");
  EXPECT_EQ(Ids(*tokenizer.get(), "aaa aaaa \u00E9\u00E9\u00E9"),
            (std::vector<int32_t>{1, 2, 2, 0, 3, 4, 4}));
  const auto by_default = With("[UNK]\na\n##a\n");
  EXPECT_EQ(Ids(*by_default.get(), std::string(100, 'a')).size(), 100u);
  EXPECT_EQ(Ids(*by_default.get(), std::string(101, 'a')),
            (std::vector<int32_t>{0}));
  // No time is lost on them.
  EXPECT_EQ(Ids(*by_default.get(), std::string(1 << 22, 'a')),
            (std::vector<int32_t>{0}));
}

TEST(WordpieceTest, DecodedTextHasTheSameIds) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/wordpiece",
                                       "vocabulary_size: 60");
  ASSERT_TRUE(tokenizer
                  ->Train(Text("The theme: a thin, \u00E9tude. 7/8 "
                               "\u65E5\u672C \u03B1\u03A3 \u2370"))
                  .ok());
  const std::vector<std::string> parts = {
      "The", "a",  "\u00C9",       " ",      ",",      "\u65E5", "\u03A3",
      "q",   "\n", "\u0301",       "\u200D", "\xFF",   "8",      "\u2370",
      "[",   "#",  "\U0001F680",   "\uFB01", "\u0130", "\uAC00", "theme",
      "-",   "_",  "\u0387\u037E", "\u212A", "\u2126", "\u00DF"};
  Random random(8, 0, 0);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (uint64_t n = random.Below(12); n > 0; --n)
      text += parts[random.Below(parts.size())];
    const std::vector<int32_t> ids = Ids(*tokenizer.get(), text);
    ASSERT_EQ(Ids(*tokenizer.get(), Decoded(*tokenizer.get(), ids)), ids)
        << text;
  }
}

std::string DataFile(const std::string& name) {
  return std::string(std::getenv("ARCHLAB_TEST_DATA")) + "/" + name;
}

TEST(WordpieceTest, BertsOwnVocabulary) {
  if (std::getenv("ARCHLAB_TEST_DATA") == nullptr)
    GTEST_SKIP() << "ARCHLAB_TEST_DATA is not set";
  const std::string path = DataFile("tokenizers/bert-base-uncased/vocab.txt");
  const UnderTest<Tokenizer> tokenizer("tokenizer/wordpiece",
                                       "vocab_file: '" + path + "'");
  const absl::Status status = tokenizer->Train(Text(""));
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(tokenizer->VocabularySize(), 30522);
  EXPECT_TRUE(tokenizer->Save()->at("vocab.txt") == ReadFile(path).value());
  // Published ids.
  EXPECT_EQ(Ids(*tokenizer.get(), "Hello, world"),
            (std::vector<int32_t>{7592, 1010, 2088}));
  EXPECT_EQ(Ids(*tokenizer.get(), "unaffable"),
            (std::vector<int32_t>{14477, 20961, 3468}));
  EXPECT_EQ(Decoded(*tokenizer.get(),
                    Ids(*tokenizer.get(), "Embeddings: n\u00E4ive")),
            " embeddings : naive");
  EXPECT_EQ(tokenizer->Bytes(100), " \u2370");
  for (const int32_t special : {0, 101, 102, 103})
    EXPECT_EQ(tokenizer->Bytes(special), "");
  EXPECT_EQ(tokenizer->SpecialId("[CLS]"), 101);
  EXPECT_EQ(tokenizer->SpecialId("[MASK]"), 103);
  const std::string wiki =
      ReadFile(DataFile("wikitext2/wiki.test.raw")).value();
  const std::vector<int32_t> ids = Ids(*tokenizer.get(), wiki);
  EXPECT_TRUE(Ids(*tokenizer.get(), Decoded(*tokenizer.get(), ids)) == ids);
}

}  // namespace
}  // namespace archlab
