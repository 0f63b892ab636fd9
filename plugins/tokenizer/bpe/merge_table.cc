// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Applying merges to a word: to a short one in an array, to a long one with a
// heap of candidates over a linked list.

#include "merge_table.h"

#include <algorithm>
#include <limits>

#include "archlab/pair_learner.h"

namespace archlab {
namespace {

constexpr int32_t kNever = std::numeric_limits<int32_t>::max();  // a rank
constexpr size_t kShortWord = 32;                                // bytes

// Whether b goes before a, as the heap wants it.
bool Later(const MergeTable::Scratch::Candidate& a,
           const MergeTable::Scratch::Candidate& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
}

}  // namespace

Merges Merges::Bytes() {
  Merges merges;
  for (int byte = 0; byte < 256; ++byte) {
    merges.byte_id[byte] = byte;
    merges.tokens.emplace_back(1, static_cast<char>(byte));
  }
  return merges;
}

MergeTable::MergeTable(const Merges& merges) : byte_id_(merges.byte_id) {
  rules_.reserve(merges.merges.size());
  int32_t rank = 0;
  for (const Merge& merge : merges.merges)
    rules_.try_emplace(PairKey(merge.left, merge.right),
                       Rule{rank++, merge.result});
  whole_.reserve(merges.tokens.size());
  Scratch scratch;
  std::vector<int32_t> ids;
  for (const std::string& token : merges.tokens) {
    if (token.empty()) continue;
    ids.clear();
    EncodeWord(token, &scratch, &ids);
    if (ids.size() == 1) whole_.try_emplace(token, ids[0]);
  }
}

// Queues the pair whose left token stands at `at`, if it can be merged.
void MergeTable::Note(int64_t at, Scratch* s) const {
  const int64_t right = s->next[at];
  if (right < 0) return;
  const uint64_t key = PairKey(s->id[at], s->id[right]);
  const auto rule = rules_.find(key);
  if (rule == rules_.end()) return;
  s->queue.push_back({rule->second.rank, at, key});
  std::push_heap(s->queue.begin(), s->queue.end(), Later);
}

MergeTable::Rule MergeTable::Find(int32_t left, int32_t right) const {
  const auto rule = rules_.find(PairKey(left, right));
  return rule == rules_.end() ? Rule{kNever, -1} : rule->second;
}

void MergeTable::EncodeWord(absl::string_view word, Scratch* scratch,
                            std::vector<int32_t>* ids) const {
  const auto whole = whole_.find(word);
  if (whole != whole_.end())
    ids->push_back(whole->second);
  else if (word.size() <= kShortWord)
    EncodeShort(word, ids);
  else
    EncodeLong(word, scratch, ids);
}

// The tokens stand side by side, which is fastest while they are few.
void MergeTable::EncodeShort(absl::string_view word,
                             std::vector<int32_t>* ids) const {
  int32_t id[kShortWord];
  Rule rule[kShortWord];  // of the pair whose left token stands there
  int count = static_cast<int>(word.size());
  for (int i = 0; i < count; ++i)
    id[i] = byte_id_[static_cast<uint8_t>(word[i])];
  for (int i = 0; i + 1 < count; ++i) rule[i] = Find(id[i], id[i + 1]);
  while (count > 1) {
    int best = 0;
    for (int i = 1; i + 1 < count; ++i)
      if (rule[i].rank < rule[best].rank) best = i;
    if (rule[best].rank == kNever) break;
    id[best] = rule[best].result;
    --count;
    for (int i = best + 1; i < count; ++i) id[i] = id[i + 1];
    for (int i = best + 1; i + 1 < count; ++i) rule[i] = rule[i + 1];
    if (best > 0) rule[best - 1] = Find(id[best - 1], id[best]);
    if (best + 1 < count) rule[best] = Find(id[best], id[best + 1]);
  }
  ids->insert(ids->end(), id, id + count);
}

void MergeTable::EncodeLong(absl::string_view word, Scratch* s,
                            std::vector<int32_t>* ids) const {
  const int64_t bytes = static_cast<int64_t>(word.size());
  s->id.resize(bytes);
  s->before.resize(bytes);
  s->next.resize(bytes);
  s->queue.clear();
  for (int64_t i = 0; i < bytes; ++i) {
    s->id[i] = byte_id_[static_cast<uint8_t>(word[i])];
    s->before[i] = i - 1;
    s->next[i] = i + 1 < bytes ? i + 1 : -1;
  }
  for (int64_t i = 0; i + 1 < bytes; ++i) Note(i, s);
  while (!s->queue.empty()) {
    const Scratch::Candidate best = s->queue.front();
    std::pop_heap(s->queue.begin(), s->queue.end(), Later);
    s->queue.pop_back();
    const int64_t at = best.at;
    const int64_t right = s->next[at];
    // Skip what an earlier merge has changed.
    if (s->id[at] < 0 || right < 0 ||
        PairKey(s->id[at], s->id[right]) != best.key)
      continue;
    s->id[at] = rules_.find(best.key)->second.result;
    s->id[right] = -1;
    s->next[at] = s->next[right];
    if (s->next[at] >= 0) s->before[s->next[at]] = at;
    if (s->before[at] >= 0) Note(s->before[at], s);
    Note(at, s);
  }
  for (int64_t i = 0; i >= 0 && i < bytes; i = s->next[i])
    ids->push_back(s->id[i]);
}

}  // namespace archlab
