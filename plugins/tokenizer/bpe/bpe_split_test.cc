// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Where texts are cut into words, against the definition: of a pattern's
// alternatives the first that matches, as long as it can be.

#include <algorithm>
#include <string>
#include <vector>

#include "archlab/random.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"

namespace archlab {
namespace {

// Every kind of character that a pattern tells apart, ASCII first.
struct Character {
  const char* bytes;
  char kind;  // Letter, Number, Space, Other
};
constexpr Character kCharacters[] = {
    {"a", 'L'},
    {"Z", 'L'},
    {"s", 'L'},
    {"D", 'L'},
    {"l", 'L'},
    {"r", 'L'},
    {"v", 'L'},
    {"E", 'L'},
    {"e", 'L'},
    {"'", 'O'},
    {"'", 'O'},
    {" ", 'S'},
    {" ", 'S'},
    {"\n", 'S'},
    {"\r", 'S'},
    {"\t", 'S'},
    {"\f", 'S'},
    {"7", 'N'},
    {"0", 'N'},
    {"_", 'O'},
    {"@", 'O'},
    {"[", 'O'},
    {"{", 'O'},
    {"\x1F", 'O'},
    // From here on not ASCII: e acute, han, long s, feminine ordinal; Arabic
    // three, Roman eight, a half; no-break space, next line, line separator;
    // Mongolian vowel separator, acute, rocket, euro.
    {"\u00E9", 'L'},
    {"\u65E5", 'L'},
    {"\u017F", 'L'},
    {"\u00AA", 'L'},
    {"\u0663", 'N'},
    {"\u2167", 'N'},
    {"\u00BD", 'N'},
    {"\u00A0", 'S'},
    {"\xC2\x85", 'S'},
    {"\u2028", 'S'},
    {"\u180E", 'O'},
    {"\u0301", 'O'},
    {"\U0001F680", 'O'},
    {"\u20AC", 'O'},
};
constexpr int kAscii = 24;

using Characters = std::vector<Character>;

std::string Joined(const Characters& some) {
  std::string text;
  for (const Character& c : some) text += c.bytes;
  return text;
}

bool IsNewline(const Character& c) {
  return c.bytes[0] == '\n' || c.bytes[0] == '\r';
}

// Whether all characters from `begin` to `end` are of a kind, at least one.
bool Run(const Characters& word, size_t begin, size_t end, char kind) {
  return begin < end && std::all_of(word.begin() + begin, word.begin() + end,
                                    [&](auto& c) { return c.kind == kind; });
}

// Whether the characters are an apostrophe and one of the endings.
bool Contracts(const Characters& word, bool any_case) {
  std::string text = Joined(word);
  if (any_case) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (text == "'\u017F") text = "'s";  // the long s is an s
  }
  for (const char* ending : {"'s", "'t", "'m", "'d", "'re", "'ve", "'ll"})
    if (text == ending) return true;
  return false;
}

// White space that no other character follows.
bool EndsInSpace(const Characters& word, const Character* next) {
  return Run(word, 0, word.size(), 'S') &&
         (next == nullptr || next->kind == 'S');
}

// Whether a word matches the alternative with this number. `next`: the
// character after it, or nullptr.
bool MatchesGpt2(int alternative, const Characters& word,
                 const Character* next) {
  const size_t n = word.size(), first = word[0].bytes[0] == ' ' ? 1 : 0;
  switch (alternative) {
    case 0:
      return Contracts(word, false);
    case 1:
      return Run(word, first, n, 'L');
    case 2:
      return Run(word, first, n, 'N');
    case 3:
      return Run(word, first, n, 'O');
    case 4:
      return EndsInSpace(word, next);
    default:
      return Run(word, 0, n, 'S');
  }
}

bool MatchesCl100k(int alternative, const Characters& word,
                   const Character* next) {
  const size_t n = word.size(), first = word[0].bytes[0] == ' ' ? 1 : 0;
  size_t newlines = n;  // where those at the end begin
  while (newlines > 0 && IsNewline(word[newlines - 1])) --newlines;
  switch (alternative) {
    case 0:
      return Contracts(word, true);
    case 1:
      return Run(word, 0, n, 'L') ||
             (!IsNewline(word[0]) && word[0].kind != 'N' &&
              Run(word, 1, n, 'L'));
    case 2:
      return n <= 3 && Run(word, 0, n, 'N');
    case 3:
      return Run(word, first, newlines, 'O');
    case 4:
      return newlines < n && Run(word, 0, n, 'S');
    case 5:
      return EndsInSpace(word, next);
    default:
      return Run(word, 0, n, 'S');
  }
}

// The words by the definition.
std::vector<std::string> PlainSplit(const Characters& text, bool gpt2) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin < text.size();) {
    const auto bytes_of_word = [&]() -> size_t {
      for (int alternative = 0; alternative < 7; ++alternative) {
        for (size_t end = text.size(); end > begin; --end) {
          const Characters word(text.begin() + begin, text.begin() + end);
          const Character* const next =
              end < text.size() ? &text[end] : nullptr;
          if (gpt2 ? MatchesGpt2(alternative, word, next)
                   : MatchesCl100k(alternative, word, next))
            return end - begin;
        }
      }
      return 0;
    };
    const size_t count = bytes_of_word();
    if (count == 0) return {"no alternative matches"};
    words.push_back(
        Joined({text.begin() + begin, text.begin() + begin + count}));
    begin += count;
  }
  return words;
}

// When all pairs are merged, each word is a token.
std::vector<std::string> Split(const std::string& text, bool gpt2) {
  const UnderTest<Tokenizer> tokenizer(
      "tokenizer/bpe",
      std::string("vocabulary_size: 5000 minimum_count: 1 pre_split: ") +
          (gpt2 ? "GPT2" : "CL100K"));
  EXPECT_TRUE(tokenizer
                  ->Train([&](archlab::Split, const DocumentVisitor& visit) {
                    visit(text);
                    return absl::OkStatus();
                  })
                  .ok());
  std::vector<int32_t> ids;
  EXPECT_TRUE(tokenizer->Encode(text, &ids).ok());
  std::vector<std::string> words;
  for (const int32_t id : ids) words.push_back(tokenizer->Bytes(id));
  return words;
}

TEST(BpeSplitTest, CutsAsThePatternsSay) {
  Random random(5, 0, 0);
  for (int round = 0; round < 600; ++round) {
    // ASCII alone, a little more, everything.
    const int others = static_cast<int>(std::size(kCharacters)) - kAscii;
    const int percent = round % 3 * 30;
    Characters text;
    for (uint64_t n = 1 + random.Below(60); n > 0; --n)
      text.push_back(kCharacters[random.Below(100) < percent
                                     ? kAscii + random.Below(others)
                                     : random.Below(kAscii)]);
    for (const bool gpt2 : {true, false})
      ASSERT_EQ(Split(Joined(text), gpt2), PlainSplit(text, gpt2))
          << "of '" << Joined(text) << "', rule " << (gpt2 ? "GPT2" : "CL100K");
  }
}

}  // namespace
}  // namespace archlab
