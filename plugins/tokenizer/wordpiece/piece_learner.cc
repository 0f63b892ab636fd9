// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Learning pieces: the alphabet; the joins are PairLearner's. Two pairs can
// make the same piece (ab+##c, a+##bc).

#include "piece_learner.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "archlab/pair_learner.h"
#include "archlab/utf8.h"
#include "pieces.h"

namespace archlab {
namespace {

std::u32string Characters(const std::string& word) {
  std::u32string characters;
  for (size_t i = 0; i < word.size();) {
    const CodePoint point = DecodeCodePoint(word, i);
    characters += point.value;
    i += point.bytes;
  }
  return characters;
}

// The characters that get pieces.
struct Alphabet {
  std::map<char32_t, int32_t> first, continued;  // ids
};

struct CharacterCount {
  int64_t count = 0;
  bool joined = false;  // occurs in a word of several characters
};

std::map<char32_t, CharacterCount> CountCharacters(const WordCounts& words) {
  std::map<char32_t, CharacterCount> counts;
  for (const auto& [word, count] : words) {
    const std::u32string characters = Characters(word);
    for (const char32_t value : characters) {
      counts[value].count += count;
      counts[value].joined |= characters.size() > 1;
    }
  }
  return counts;
}

// Takes the most frequent characters as long as there is room, and appends
// their pieces.
Alphabet ChooseAlphabet(const WordCounts& words, const LearnLimits& limits,
                        std::vector<std::string>* pieces) {
  std::map<char32_t, CharacterCount> counts = CountCharacters(words);
  counts.erase(DecodeCodePoint(kUnknownText, 0).value);
  std::vector<std::pair<int64_t, char32_t>> order;
  order.reserve(counts.size());
  for (const auto& [value, seen] : counts)
    order.push_back({-seen.count, value});
  std::sort(order.begin(), order.end());
  Alphabet alphabet;
  int64_t room = limits.vocabulary - static_cast<int64_t>(pieces->size());
  for (const auto& [count, value] : order) {
    const bool joined = counts[value].joined;
    room -= joined ? 2 : 1;
    if (room < 0 ||
        static_cast<int64_t>(alphabet.first.size()) == limits.alphabet)
      break;
    alphabet.first[value] = 0;
    if (joined) alphabet.continued[value] = 0;
  }
  for (auto* const form : {&alphabet.first, &alphabet.continued})
    for (auto& [value, id] : *form) {
      id = static_cast<int32_t>(pieces->size());
      pieces->push_back(form == &alphabet.first ? "" : kContinued);
      AppendCodePoint(value, &pieces->back());
    }
  return alphabet;
}

// The pieces of a word's characters. Empty where one is outside of the
// alphabet: such a word teaches nothing, it is [UNK] whatever the pieces.
std::vector<int32_t> Ids(const std::string& word, const Alphabet& alphabet) {
  std::vector<int32_t> ids;
  for (const char32_t value : Characters(word)) {
    if (!alphabet.first.contains(value)) return {};
    ids.push_back((ids.empty() ? alphabet.first : alphabet.continued)
                      .find(value)
                      ->second);
  }
  return ids;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> LearnPieces(
    const WordCounts& words, const LearnLimits& limits) {
  size_t bytes = 0;
  for (const auto& [word, count] : words) bytes += word.size();
  if (bytes > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
    return absl::ResourceExhaustedError(
        "the distinct words of the training part have more than 2 GiB; learn "
        "the pieces from a part of the text and name them in vocab_file");
  std::vector<std::string> pieces = {kUnknownPiece};
  const Alphabet alphabet = ChooseAlphabet(words, limits, &pieces);
  PairLearner learner(bytes);
  for (const auto& [word, count] : words)
    learner.AddWord(Ids(word, alphabet), count);
  absl::flat_hash_map<std::string, int32_t> ids;
  for (const std::string& piece : pieces)
    ids.emplace(piece, static_cast<int32_t>(ids.size()));
  uint64_t key = 0;
  while (static_cast<int64_t>(pieces.size()) < limits.vocabulary &&
         learner.Next(limits.minimum_count, &key)) {
    // The right one continues a word, so it has ## before it.
    const std::string joined =
        pieces[key >> 32] + pieces[key & 0xFFFFFFFF].substr(2);
    const auto [found, is_new] =
        ids.try_emplace(joined, static_cast<int32_t>(pieces.size()));
    if (is_new) pieces.push_back(joined);
    learner.Replace(key, found->second);
  }
  return pieces;
}

}  // namespace archlab
