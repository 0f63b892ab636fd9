// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Learning merges. Pair counts are kept up to date, not taken anew: a merge
// costs what it changes, also in one word of many megabytes.

#include "merge_learner.h"

#include <limits>
#include <queue>
#include <utility>
#include <vector>

namespace archlab {
namespace {

class Learner {
 public:
  explicit Learner(const WordCounts& words, size_t bytes) {
    token_.reserve(bytes);
    weight_.reserve(bytes);
    before_.reserve(bytes);
    next_.reserve(bytes);
    for (const auto& [word, count] : words) AddWord(word, count);
    for (const auto& [key, pair] : pairs_) best_.push({pair.count, key});
  }

  // Takes the most frequent pair; false when none occurs `minimum` times.
  bool Next(int64_t minimum, uint64_t* key) {
    while (!best_.empty()) {
      const Entry top = best_.top();
      best_.pop();
      const int64_t count = pairs_.find(top.key)->second.count;
      if (count < minimum) continue;
      if (count == top.count) {
        *key = top.key;
        return true;
      }
      best_.push({count, top.key});  // it has become rarer since
    }
    return false;
  }

  // Replaces the pair by `result` wherever it stands, from left to right.
  void Replace(uint64_t key, int32_t result) {
    const auto found = pairs_.find(key);
    const std::vector<int32_t> places = std::move(found->second.places);
    pairs_.erase(found);
    fresh_.clear();
    // A pair's places are in ascending order: all of them are noted either at
    // the start or during the one merge that makes the newer of its tokens.
    for (const int32_t at : places) {
      const int32_t right = next_[at];
      if (token_[at] < 0 || right < 0 ||
          PairKey(token_[at], token_[right]) != key)
        continue;
      Join(at, right, result);
    }
    for (const uint64_t made : fresh_)
      best_.push({pairs_.find(made)->second.count, made});
  }

 private:
  struct Pair {
    int64_t count = 0;            // weighted by the words' counts
    std::vector<int32_t> places;  // of the left token; some no longer true
  };
  struct Entry {
    int64_t count;  // at least the true one
    uint64_t key;
    // The top of the queue: the highest count, then the smallest key.
    bool operator<(const Entry& other) const {
      return count != other.count ? count < other.count : key > other.key;
    }
  };

  void AddWord(const std::string& word, int64_t count) {
    for (size_t i = 0; i < word.size(); ++i) {
      const int32_t at = static_cast<int32_t>(token_.size());
      token_.push_back(static_cast<uint8_t>(word[i]));
      weight_.push_back(count);
      before_.push_back(i > 0 ? at - 1 : -1);
      next_.push_back(i + 1 < word.size() ? at + 1 : -1);
      if (i > 0) Add(at - 1, token_[at - 1], token_[at]);
    }
  }

  void Add(int32_t at, int32_t left, int32_t right) {
    const auto [found, is_new] = pairs_.try_emplace(PairKey(left, right));
    if (is_new) fresh_.push_back(found->first);
    found->second.count += weight_[at];
    found->second.places.push_back(at);
  }

  void Remove(int32_t at, int32_t left, int32_t right) {
    const auto found = pairs_.find(PairKey(left, right));
    if (found != pairs_.end()) found->second.count -= weight_[at];
  }

  void Join(int32_t at, int32_t right, int32_t result) {
    const int32_t before = before_[at];
    const int32_t after = next_[right];
    if (before >= 0) Remove(at, token_[before], token_[at]);
    if (after >= 0) Remove(at, token_[right], token_[after]);
    token_[at] = result;
    token_[right] = -1;
    next_[at] = after;
    if (after >= 0) before_[after] = at;
    if (before >= 0) Add(before, token_[before], result);
    if (after >= 0) Add(at, result, token_[after]);
  }

  // All words one after another; neighbours are linked within a word.
  std::vector<int32_t> token_;          // -1: joined to the one before
  std::vector<int64_t> weight_;         // how often the word occurs
  std::vector<int32_t> before_, next_;  // -1: none
  absl::flat_hash_map<uint64_t, Pair> pairs_;
  std::vector<uint64_t> fresh_;  // pairs that a merge has made
  std::priority_queue<Entry> best_;
};

}  // namespace

absl::StatusOr<Merges> LearnMerges(const WordCounts& words, int64_t vocabulary,
                                   int64_t minimum_count) {
  size_t bytes = 0;
  for (const auto& [word, count] : words) bytes += word.size();
  if (bytes > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
    return absl::ResourceExhaustedError(
        "the distinct words of the training part have more than 2 GiB; learn "
        "the merges from a part of the text and name them in vocab_file and "
        "merges_file");
  Learner learner(words, bytes);
  Merges learned = Merges::Bytes();
  uint64_t key = 0;
  while (static_cast<int64_t>(learned.tokens.size()) < vocabulary &&
         learner.Next(minimum_count, &key)) {
    const int32_t left = static_cast<int32_t>(key >> 32);
    const int32_t right = static_cast<int32_t>(key & 0xFFFFFFFF);
    const int32_t result = static_cast<int32_t>(learned.tokens.size());
    learned.merges.push_back({left, right, result});
    learned.tokens.push_back(learned.tokens[left] + learned.tokens[right]);
    learner.Replace(key, result);
  }
  return learned;
}

}  // namespace archlab
