// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What WordPiece learns: by hand, against a plain implementation that counts
// anew for each join, and in time.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "archlab/random.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"

namespace archlab {
namespace {

using Words = std::vector<std::string>;

// vocab.txt after training on the documents.
absl::StatusOr<std::string> Learned(const Words& documents,
                                    const std::string& config) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/wordpiece", config);
  ARCHLAB_RETURN_IF_ERROR(
      tokenizer->Train([&](Split split, const DocumentVisitor& visit) {
        if (split == Split::kTrain)
          for (const std::string& document : documents) visit(document);
        else
          visit("only the training part counts");
        return absl::OkStatus();
      }));
  return tokenizer->Save()->at("vocab.txt");
}

std::string Lines(const Words& pieces) {
  std::string lines;
  for (const std::string& piece : pieces) lines += piece + "\n";
  return lines;
}

TEST(WordpieceLearnTest, LearnsWhatOneWorksOutByHand) {
  // low 5, lower 2, newest 6, widest 3, of arXiv:1508.07909, figure 1: ##e##s
  // 9 times, then ##es##t 9, l##o 7, lo##w 7; then ne##w... of the pairs with
  // 6 n##e has the smallest ids.
  Words documents;
  for (const auto& [word, count] : std::vector<std::pair<std::string, int>>{
           {"low", 5}, {"lower", 2}, {"newest", 6}, {"widest", 3}})
    for (int i = 0; i < count; ++i) documents.push_back(word);
  const Words alphabet = {"[UNK]", "d",   "e",   "i",   "l",   "n",   "o",
                          "r",     "s",   "t",   "w",   "##d", "##e", "##i",
                          "##l",   "##n", "##o", "##r", "##s", "##t", "##w"};
  Words expected = alphabet;
  for (const char* const piece : {"##es", "##est", "lo", "low", "ne"})
    expected.push_back(piece);
  EXPECT_EQ(Learned(documents, "vocabulary_size: 26").value(), Lines(expected));
}

TEST(WordpieceLearnTest, CharactersOnlyWhereTheyCanStand) {
  // Punctuation and ideographs are words of one character.
  EXPECT_EQ(Learned({"ab, ab. \u65E5 a"}, "").value(),
            Lines({"[UNK]", ",", ".", "a", "b", "\u65E5", "##a", "##b", "ab"}));
}

TEST(WordpieceLearnTest, OnlyFrequentCharacters) {
  // a 4 times, b 3, c 2: c is left out, and with it the words that have it.
  EXPECT_EQ(Learned({"ab ab a. b ca c"}, "alphabet_size: 2").value(),
            Lines({"[UNK]", "a", "b", "##a", "##b", "ab"}));
  // Of equals the smaller code point; no room for the second of a character's
  // two pieces is no room for it.
  EXPECT_EQ(Learned({"ab ab"}, "vocabulary_size: 4").value(),
            Lines({"[UNK]", "a", "##a"}));
  EXPECT_EQ(Learned({"ab ab"}, "vocabulary_size: 2").value(), "[UNK]\n");
}

TEST(WordpieceLearnTest, OnlyFrequentPairs) {
  EXPECT_EQ(Learned({"ab ab ab ac ac"}, "minimum_count: 3").value(),
            Lines({"[UNK]", "a", "b", "c", "##a", "##b", "##c", "ab"}));
}

TEST(WordpieceLearnTest, TheUnknownSignIsNeverKnown) {
  EXPECT_EQ(Learned({"\u2370 a"}, "").value(), Lines({"[UNK]", "a"}));
}

TEST(WordpieceLearnTest, NothingCannotBeLearnedFrom) {
  for (const Words& documents : {Words{}, Words{"", " \n\xFF\u200D"}})
    EXPECT_EQ(Learned(documents, "").status().message(),
              "the training part has no words to learn pieces from; give "
              "data.dataset a text, or name a vocabulary in vocab_file");
}

// The definition, on words of ASCII letters.
class PlainLearner {
 public:
  explicit PlainLearner(const Words& words) {
    std::map<char, bool> letters;  // true: in a word of several
    for (const std::string& word : words)
      for (const char c : word) letters[c] |= word.size() > 1;
    for (const auto& [c, joined] : letters) Id(std::string(1, c));
    for (const auto& [c, joined] : letters)
      if (joined) Id("##" + std::string(1, c));
    for (const std::string& word : words) {
      words_.emplace_back();
      for (size_t i = 0; i < word.size(); ++i)
        words_.back().push_back(Id((i > 0 ? "##" : "") + word.substr(i, 1)));
    }
  }

  Words Pieces(size_t vocabulary, int minimum) {
    while (pieces_.size() < vocabulary) {
      std::map<std::pair<int, int>, int> counts;
      for (const auto& word : words_)
        for (size_t i = 0; i + 1 < word.size(); ++i)
          ++counts[{word[i], word[i + 1]}];
      std::pair<int, int> best;
      int most = minimum - 1;
      for (const auto& [pair, count] : counts)
        if (count > most) most = count, best = pair;
      if (most < minimum) break;
      Join(best);
    }
    return pieces_;
  }

 private:
  int Id(const std::string& piece) {
    const auto found = std::find(pieces_.begin(), pieces_.end(), piece);
    if (found == pieces_.end()) {
      pieces_.push_back(piece);
      return static_cast<int>(pieces_.size()) - 1;
    }
    return static_cast<int>(found - pieces_.begin());
  }

  void Join(std::pair<int, int> pair) {
    const int joined = Id(pieces_[pair.first] + pieces_[pair.second].substr(2));
    for (auto& word : words_)
      for (size_t i = 0; i + 1 < word.size(); ++i)
        if (word[i] == pair.first && word[i + 1] == pair.second) {
          word[i] = joined;
          word.erase(word.begin() + static_cast<int64_t>(i) + 1);
        }
  }

  Words pieces_ = {"[UNK]"};
  std::vector<std::vector<int>> words_;
};

TEST(WordpieceLearnTest, LearnsWhatThePlainMethodLearns) {
  Random random(21, 0, 0);
  for (int round = 0; round < 60; ++round) {
    Words words;
    // Few letters: pairs overlap and tie, and pieces come about in two ways.
    for (int i = 0; i < 5 + 4 * round; ++i) {
      words.emplace_back();
      for (int n = 1 + static_cast<int>(random.Below(9)); n > 0; --n)
        words.back() += static_cast<char>('a' + random.Below(2 + round % 2));
    }
    const int minimum = 1 + round % 3;
    ASSERT_EQ(Learned(words, "vocabulary_size: 90 minimum_count: " +
                                 std::to_string(minimum))
                  .value(),
              Lines(PlainLearner(words).Pieces(90, minimum)))
        << round;
  }
}

TEST(WordpieceLearnTest, ManyWordsTakeLittleTime) {
  // Counting anew for each of 2000 joins would take minutes.
  Random random(3, 0, 0);
  Words documents(1);
  for (int i = 0; i < 60000; ++i) {
    for (int n = 1 + static_cast<int>(random.Below(12)); n > 0; --n)
      documents[0] += static_cast<char>('a' + random.Below(26));
    documents[0] += ' ';
  }
  const std::string vocabulary =
      Learned(documents, "vocabulary_size: 2000").value();
  EXPECT_EQ(std::count(vocabulary.begin(), vocabulary.end(), '\n'), 2000);
}

}  // namespace
}  // namespace archlab
