// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Byte-pair encoding: what is learned, against a plain implementation that
// counts anew for each merge; words; round trips; GPT-2's published files.

#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "archlab/file.h"
#include "archlab/random.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("tokenizer/bpe", "vocabulary_size: 300");
ARCHLAB_CONTRACT("tokenizer/bpe", "vocabulary_size: 300 pre_split: CL100K");

using Words = std::vector<std::string>;

DocumentSource Text(const std::string& text) {
  return [text](Split split, const DocumentVisitor& visit) {
    visit(split == Split::kTrain ? text : "only the training part counts");
    return absl::OkStatus();
  };
}

// The tokens of a text, as their bytes.
Words Tokens(const Tokenizer& tokenizer, absl::string_view text) {
  std::vector<int32_t> ids;
  const absl::Status status = tokenizer.Encode(text, &ids);
  EXPECT_TRUE(status.ok()) << status;
  Words tokens;
  for (const int32_t id : ids) tokens.push_back(tokenizer.Bytes(id));
  return tokens;
}

std::string Joined(const Words& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

// The words that a text is cut into: when all pairs are merged, each is a
// token.
Words SplitOf(const std::string& text, const std::string& rule) {
  const UnderTest<Tokenizer> tokenizer(
      "tokenizer/bpe",
      "vocabulary_size: 5000 minimum_count: 1 pre_split: " + rule);
  EXPECT_TRUE(tokenizer->Train(Text(text)).ok());
  return Tokens(*tokenizer.get(), text);
}

// Text of words from a few letters, so that pairs overlap and tie.
std::string RandomText(Random* random, int words, int longest = 9) {
  std::string text;
  for (int i = 0; i < words; ++i) {
    if (i > 0) text += ' ';
    for (int n = 1 + static_cast<int>(random->Below(longest)); n > 0; --n)
      text += static_cast<char>('a' + random->Below(3));
  }
  return text;
}

// Replaces a pair of neighbours by one token, from left to right.
std::vector<int> Merged(const std::vector<int>& word, std::pair<int, int> pair,
                        int result) {
  std::vector<int> merged;
  for (size_t i = 0; i < word.size(); ++i) {
    const bool here = i + 1 < word.size() && word[i] == pair.first &&
                      word[i + 1] == pair.second;
    merged.push_back(here ? result : word[i]);
    if (here) ++i;
  }
  return merged;
}

// The words of RandomText as bytes, each with the space before it.
std::vector<std::vector<int>> WordsOf(const std::string& text) {
  std::vector<std::vector<int>> words(1);
  for (const char c : text) {
    if (c == ' ') words.emplace_back();
    words.back().push_back(c);
  }
  return words;
}

// Byte-pair encoding by the definition.
std::vector<std::pair<int, int>> PlainMerges(const std::string& text,
                                             int vocabulary) {
  std::vector<std::vector<int>> words = WordsOf(text);
  std::vector<std::pair<int, int>> merges;
  for (int result = 256; result < vocabulary; ++result) {
    std::map<std::pair<int, int>, int> counts;
    for (const auto& word : words)
      for (size_t i = 0; i + 1 < word.size(); ++i)
        ++counts[{word[i], word[i + 1]}];
    std::pair<int, int> best;
    int most = 1;  // a pair must occur twice
    for (const auto& [pair, count] : counts)
      if (count > most) most = count, best = pair;
    if (most < 2) break;
    merges.push_back(best);
    for (auto& word : words) word = Merged(word, best, result);
  }
  return merges;
}

// The same as merges.txt.
std::string PlainFile(const std::vector<std::pair<int, int>>& merges) {
  std::vector<std::string> letters;
  for (int byte = 0; byte < 256; ++byte)
    letters.push_back(byte == ' ' ? "\xC4\xA0" : std::string(1, char(byte)));
  std::string file = "#version: 0.2\n";
  for (const auto& [left, right] : merges) {
    file += letters[left] + " " + letters[right] + "\n";
    letters.push_back(letters[left] + letters[right]);
  }
  return file;
}

TEST(BpeTest, LearnsWhatOneWorksOutByHand) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/bpe");
  ASSERT_TRUE(tokenizer->Train(Text("aaabdaaabac")).ok());
  // aa comes four times; then ab and aa+a twice each, and ab has the smaller
  // ids; then aa+ab; nothing else comes twice.
  EXPECT_EQ(tokenizer->Save().value().at("merges.txt"),
            "#version: 0.2\na a\na b\naa ab\n");
  EXPECT_EQ(tokenizer->VocabularySize(), 259);
  EXPECT_EQ(Tokens(*tokenizer.get(), "aaabdaaabac"),
            (Words{"aaab", "d", "aaab", "a", "c"}));
  EXPECT_EQ(Tokens(*tokenizer.get(), "aaaa"), (Words{"aa", "aa"}));
  EXPECT_EQ(tokenizer->Bytes(258), "aaab");
  EXPECT_EQ(tokenizer->Bytes(259), "");
  EXPECT_EQ(tokenizer->Bytes(-1), "");
}

TEST(BpeTest, LearnsWhatThePlainMethodLearns) {
  Random random(11, 0, 0);
  for (int round = 0; round < 40; ++round) {
    const std::string text = RandomText(&random, 5 + 4 * round);
    const auto merges = PlainMerges(text, 330);
    const UnderTest<Tokenizer> tokenizer("tokenizer/bpe",
                                         "vocabulary_size: 330");
    ASSERT_TRUE(tokenizer->Train(Text(text)).ok());
    ASSERT_EQ(tokenizer->Save().value().at("merges.txt"), PlainFile(merges));
    // Encoding is the merges, in order, on other words too, long ones among
    // them.
    const std::string other = RandomText(&random, 30, 80);
    std::vector<int32_t> expected;
    for (std::vector<int> word : WordsOf(other)) {
      for (size_t i = 0; i < merges.size(); ++i)
        word = Merged(word, merges[i], 256 + static_cast<int>(i));
      expected.insert(expected.end(), word.begin(), word.end());
    }
    std::vector<int32_t> ids;
    ASSERT_TRUE(tokenizer->Encode(other, &ids).ok());
    ASSERT_EQ(ids, expected);
  }
}

TEST(BpeTest, CutsAsGpt2Does) {
  EXPECT_EQ(SplitOf("I'll say 12345 it's  fine!!\n\n ok\t\t", "GPT2"),
            (Words{"I", "'ll", " say", " 12345", " it", "'s", " ", " fine",
                   "!!", "\n\n", " ok", "\t\t"}));
  EXPECT_EQ(
      SplitOf("WE'LL x_y caf\xC3\xA9\xE6\x97\xA5 \xD9\xA3\xD9\xA4", "GPT2"),
      (Words{"WE", "'", "LL", " x", "_", "y", " caf\xC3\xA9\xE6\x97\xA5",
             " \xD9\xA3\xD9\xA4"}));
}

TEST(BpeTest, CutsAsCl100kDoes) {
  EXPECT_EQ(SplitOf("I'll say 12345 it's  fine!!\n\n ok", "CL100K"),
            (Words{"I", "'ll", " say", " ", "123", "45", " it", "'s", " ",
                   " fine", "!!\n\n", " ok"}));
  EXPECT_EQ(SplitOf("WE'LL\tx_y \r\n  z", "CL100K"),
            (Words{"WE", "'LL", "\tx", "_y", " \r\n", " ", " z"}));
}

TEST(BpeTest, WhiteSpaceIsUnicodes) {
  // U+00A0 is white space, U+180E no longer is.
  EXPECT_EQ(SplitOf("a\xC2\xA0"
                    "b",
                    "GPT2"),
            (Words{"a", "\xC2\xA0", "b"}));
  EXPECT_EQ(SplitOf("a \xE1\xA0\x8E"
                    "b",
                    "GPT2"),
            (Words{"a", " \xE1\xA0\x8E", "b"}));
}

TEST(BpeTest, BytesThatAreNotUtf8AreWordsOfTheirOwn) {
  EXPECT_EQ(SplitOf("ab\xFF\xFE cd\xC3", "GPT2"),
            (Words{"ab", "\xFF\xFE", " cd", "\xC3"}));
}

TEST(BpeTest, AnyBytesGoRoundTrip) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/bpe", "vocabulary_size: 400");
  Random random(2, 0, 0);
  const std::string text = RandomText(&random, 500);
  ASSERT_TRUE(tokenizer->Train(Text(text)).ok());
  EXPECT_EQ(Tokens(*tokenizer.get(), ""), Words());
  EXPECT_EQ(Joined(Tokens(*tokenizer.get(), text)), text);
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random.Below(200), '\0');
    for (char& c : bytes)
      c = round % 2 == 0 ? static_cast<char>(random.NextU32())
                         : "ab \n'\xC3\xA9\xE2\x82"[random.Below(9)];
    ASSERT_EQ(Joined(Tokens(*tokenizer.get(), bytes)), bytes);
  }
}

TEST(BpeTest, LongWordsTakeLinearTime) {
  // Quadratic work on these would take many minutes.
  std::string letters(1 << 18, 'a');
  std::string spaces(1 << 18, ' ');
  std::string mixed(1 << 18, 'a');
  Random random(9, 0, 0);
  for (char& c : mixed) c = static_cast<char>('a' + random.Below(26));
  for (const std::string& text : {letters, spaces, mixed}) {
    const UnderTest<Tokenizer> tokenizer("tokenizer/bpe",
                                         "vocabulary_size: 600");
    ASSERT_TRUE(tokenizer->Train(Text(text)).ok());
    EXPECT_EQ(Joined(Tokens(*tokenizer.get(), text)), text);
  }
}

TEST(BpeTest, LearnsNothingFromNothing) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/bpe");
  ASSERT_TRUE(tokenizer->Train(Text("")).ok());
  EXPECT_EQ(tokenizer->VocabularySize(), 256);
  EXPECT_EQ(Tokens(*tokenizer.get(), "ab"), (Words{"a", "b"}));
}

class Gpt2Test : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("ARCHLAB_TEST_DATA");
    if (folder == nullptr) GTEST_SKIP() << "ARCHLAB_TEST_DATA is not set";
    folder_ = folder;
    config_ = "vocab_file: '" + folder_ +
              "/tokenizers/gpt2/vocab.json' merges_file: '" + folder_ +
              "/tokenizers/gpt2/merges.txt'";
  }
  std::string Read(const std::string& name) const {
    return ReadFile(folder_ + "/" + name).value();
  }
  std::string folder_, config_;
};

TEST_F(Gpt2Test, TinyShakespeareHasThePublishedNumberOfTokens) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/bpe", config_);
  ASSERT_TRUE(tokenizer->Train(Text("")).ok());
  EXPECT_EQ(tokenizer->VocabularySize(), 50257);
  const std::string text = Read("tinyshakespeare/input.txt");
  EXPECT_EQ(Tokens(*tokenizer.get(), text.substr(0, 1003854)).size(), 301966u);
  EXPECT_EQ(Tokens(*tokenizer.get(), text.substr(1003854)).size(), 36059u);
}

TEST_F(Gpt2Test, FilesAreWrittenAsTheyWereRead) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/bpe", config_);
  ASSERT_TRUE(tokenizer->Train(Text("")).ok());
  const TokenizerFiles files = tokenizer->Save().value();
  EXPECT_TRUE(files.at("vocab.json") == Read("tokenizers/gpt2/vocab.json"));
  EXPECT_TRUE(files.at("merges.txt") == Read("tokenizers/gpt2/merges.txt"));
}

}  // namespace
}  // namespace archlab
