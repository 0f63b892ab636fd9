// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Learning pieces. Counts of pairs are kept up to date, not taken anew: a join
// costs what it changes. Two pairs can make the same piece (ab+##c, a+##bc), so
// that a pair's count can grow again.

#include "piece_learner.h"

#include <algorithm>
#include <limits>
#include <map>
#include <queue>
#include <utility>

#include "archlab/utf8.h"
#include "pieces.h"

namespace archlab {
namespace {

// A pair of ids as one number, ordered by the left, then by the right id.
uint64_t PairKey(int32_t left, int32_t right) {
  return uint64_t{static_cast<uint32_t>(left)} << 32 |
         static_cast<uint32_t>(right);
}

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

class Learner {
 public:
  Learner(const WordCounts& words, const Alphabet& alphabet) {
    for (const auto& [word, count] : words) AddWord(word, count, alphabet);
    PushChanged();
  }

  // Takes the most frequent pair; false when none occurs `minimum` times.
  bool Next(int64_t minimum, uint64_t* key) {
    while (!best_.empty()) {
      const Entry top = best_.top();
      best_.pop();
      const auto found = pairs_.find(top.key);
      if (found == pairs_.end() || found->second.count < minimum) continue;
      if (found->second.count == top.count) {
        *key = top.key;
        return true;
      }
      // Rarer since; where it is more frequent, a later entry says so.
      if (found->second.count < top.count)
        best_.push({found->second.count, top.key});
    }
    return false;
  }

  // Replaces the pair by `result` wherever it stands, from left to right.
  void Replace(uint64_t key, int32_t result) {
    const auto found = pairs_.find(key);
    std::vector<int32_t> places = std::move(found->second.places);
    pairs_.erase(found);
    std::sort(places.begin(), places.end());
    for (const int32_t at : places) {
      const int32_t right = next_[at];
      if (piece_[at] < 0 || right < 0 ||
          PairKey(piece_[at], piece_[right]) != key)
        continue;
      Join(at, right, result);
    }
    PushChanged();
  }

 private:
  struct Pair {
    int64_t count = 0;            // weighted by the words' counts
    std::vector<int32_t> places;  // of the left piece; some no longer true
  };
  struct Entry {
    int64_t count;
    uint64_t key;
    // The top of the queue: the highest count, then the smallest key.
    bool operator<(const Entry& other) const {
      return count != other.count ? count < other.count : key > other.key;
    }
  };

  // A word with a character outside of the alphabet teaches nothing: it is
  // [UNK] whatever the pieces.
  void AddWord(const std::string& word, int64_t count,
               const Alphabet& alphabet) {
    const std::u32string characters = Characters(word);
    for (const char32_t value : characters)
      if (!alphabet.first.contains(value)) return;
    for (size_t i = 0; i < characters.size(); ++i) {
      const int32_t at = static_cast<int32_t>(piece_.size());
      piece_.push_back((i == 0 ? alphabet.first : alphabet.continued)
                           .find(characters[i])
                           ->second);
      weight_.push_back(count);
      before_.push_back(i > 0 ? at - 1 : -1);
      next_.push_back(i + 1 < characters.size() ? at + 1 : -1);
      if (i > 0) Add(at - 1, piece_[at - 1], piece_[at]);
    }
  }

  void Add(int32_t at, int32_t left, int32_t right) {
    const uint64_t key = PairKey(left, right);
    Pair& pair = pairs_[key];
    pair.count += weight_[at];
    pair.places.push_back(at);
    changed_.push_back(key);
  }

  void Remove(int32_t at, int32_t left, int32_t right) {
    const auto found = pairs_.find(PairKey(left, right));
    if (found != pairs_.end()) found->second.count -= weight_[at];
  }

  void PushChanged() {
    std::sort(changed_.begin(), changed_.end());
    changed_.erase(std::unique(changed_.begin(), changed_.end()),
                   changed_.end());
    for (const uint64_t key : changed_)
      best_.push({pairs_.find(key)->second.count, key});
    changed_.clear();
  }

  void Join(int32_t at, int32_t right, int32_t result) {
    const int32_t before = before_[at];
    const int32_t after = next_[right];
    if (before >= 0) Remove(at, piece_[before], piece_[at]);
    if (after >= 0) Remove(at, piece_[right], piece_[after]);
    piece_[at] = result;
    piece_[right] = -1;
    next_[at] = after;
    if (after >= 0) before_[after] = at;
    if (before >= 0) Add(before, piece_[before], result);
    if (after >= 0) Add(at, result, piece_[after]);
  }

  // All words one after another; neighbours are linked within a word.
  std::vector<int32_t> piece_;          // -1: joined to the one before
  std::vector<int64_t> weight_;         // how often the word occurs
  std::vector<int32_t> before_, next_;  // -1: none
  absl::flat_hash_map<uint64_t, Pair> pairs_;
  std::vector<uint64_t> changed_;  // pairs that have become more frequent
  std::priority_queue<Entry> best_;
};

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
  Learner learner(words, ChooseAlphabet(words, limits, &pieces));
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
