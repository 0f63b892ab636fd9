// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// PairLearner: how byte-pair encodings and their kin learn. Words are chains of
// ids; again and again the most frequent pair of neighbours becomes one id.
// Source: Sennrich et al., arXiv:1508.07909, algorithm 1. Counts of pairs are
// kept up to date, not taken anew: a join costs what it changes, also in a word
// of many megabytes. Plugins that use it need LIBRARIES absl::flat_hash_map.

#ifndef ARCHLAB_PAIR_LEARNER_H_
#define ARCHLAB_PAIR_LEARNER_H_

#include <algorithm>
#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"

namespace archlab {

// A pair of ids as one number, ordered by the left, then by the right id.
inline uint64_t PairKey(int32_t left, int32_t right) {
  return uint64_t{static_cast<uint32_t>(left)} << 32 |
         static_cast<uint32_t>(right);
}

class PairLearner {
 public:
  // Makes room for words of `ids` ids in all, which are at most 2^31 - 1.
  explicit PairLearner(size_t ids) {
    id_.reserve(ids);
    weight_.reserve(ids);
    before_.reserve(ids);
    next_.reserve(ids);
  }

  // A word that occurs `count` times; no id is negative. Words come before
  // Next.
  void AddWord(absl::Span<const int32_t> ids, int64_t count) {
    for (size_t i = 0; i < ids.size(); ++i) {
      const auto at = static_cast<int32_t>(id_.size());
      id_.push_back(ids[i]);
      weight_.push_back(count);
      before_.push_back(i > 0 ? at - 1 : -1);
      next_.push_back(i + 1 < ids.size() ? at + 1 : -1);
      if (i > 0) Add(at - 1, ids[i - 1], ids[i]);
    }
  }

  // Takes the most frequent pair, of equals the one with the smallest key, to
  // be replaced; false when none occurs `minimum` times. Depends on the counts
  // only, not on the order of the words.
  bool Next(int64_t minimum, uint64_t* key) {
    PushChanged();
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

  // Replaces the pair that Next took by `result` wherever it stands, from left
  // to right. Several pairs may have the same result (ab+c, a+bc), so that a
  // pair's count can grow again.
  void Replace(uint64_t key, int32_t result) {
    const auto found = pairs_.find(key);
    std::vector<int32_t> places = std::move(found->second.places);
    pairs_.erase(found);
    std::sort(places.begin(), places.end());  // several joins may have noted it
    for (const int32_t at : places) {
      const int32_t right = next_[at];
      if (id_[at] >= 0 && right >= 0 && PairKey(id_[at], id_[right]) == key)
        Join(at, right, result);
    }
  }

 private:
  struct Pair {
    int64_t count = 0;            // weighted by the words' counts
    std::vector<int32_t> places;  // of the left id; some no longer true
    bool changed = false;         // stands in changed_
  };
  struct Entry {
    int64_t count;
    uint64_t key;
    // The top of the queue: the highest count, then the smallest key.
    bool operator<(const Entry& other) const {
      return count != other.count ? count < other.count : key > other.key;
    }
  };

  void Add(int32_t at, int32_t left, int32_t right) {
    const uint64_t key = PairKey(left, right);
    Pair& pair = pairs_[key];
    pair.count += weight_[at];
    pair.places.push_back(at);
    if (!pair.changed) changed_.push_back(key);
    pair.changed = true;
  }

  void Remove(int32_t at, int32_t left, int32_t right) {
    const auto found = pairs_.find(PairKey(left, right));
    if (found != pairs_.end()) found->second.count -= weight_[at];
  }

  void PushChanged() {
    for (const uint64_t key : changed_) {
      Pair& pair = pairs_.find(key)->second;
      pair.changed = false;
      best_.push({pair.count, key});
    }
    changed_.clear();
  }

  void Join(int32_t at, int32_t right, int32_t result) {
    const int32_t before = before_[at], after = next_[right];
    if (before >= 0) Remove(at, id_[before], id_[at]);
    if (after >= 0) Remove(at, id_[right], id_[after]);
    id_[at] = result;
    id_[right] = -1;
    next_[at] = after;
    if (after >= 0) before_[after] = at;
    if (before >= 0) Add(before, id_[before], result);
    if (after >= 0) Add(at, result, id_[after]);
  }

  // All words one after another; neighbours are linked within a word.
  std::vector<int32_t> id_;             // -1: joined to the one before
  std::vector<int64_t> weight_;         // how often the word occurs
  std::vector<int32_t> before_, next_;  // -1: none
  absl::flat_hash_map<uint64_t, Pair> pairs_;
  std::vector<uint64_t> changed_;  // pairs that have become more frequent
  std::priority_queue<Entry> best_;
};

}  // namespace archlab

#endif  // ARCHLAB_PAIR_LEARNER_H_
