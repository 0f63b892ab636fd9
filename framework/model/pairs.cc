// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/pairs.h"

#include <algorithm>

namespace archlab {
namespace {

constexpr double kMostPairs = 1 << 26;

// Keys that the query may ask for are first .. last.
struct Keys {
  int64_t first, last;
};

Keys KeysOf(const Attention& rule, bool causal, int64_t tokens, int64_t query) {
  const int64_t reach = rule.MaxDistance();
  return {reach < 0 ? 0 : std::max<int64_t>(0, query - reach),
          causal ? query : tokens - 1};
}

}  // namespace

PairCount CountInteractions(const Attention& rule, bool causal,
                            int64_t tokens) {
  // Of the longest row: the last one, or the first where all see all.
  const Keys keys = KeysOf(rule, causal, tokens, causal ? tokens - 1 : 0);
  const auto row = static_cast<double>(keys.last - keys.first + 1);
  PairCount result;
  result.sampled = row * static_cast<double>(tokens) > kMostPairs;
  // An odd number, so that the queries do not keep step with blocks or strides.
  const int64_t queries =
      result.sampled ? static_cast<int64_t>(kMostPairs / row) | 1 : tokens;
  const double share =
      static_cast<double>(tokens) / static_cast<double>(queries);
  for (int64_t i = 0; i < queries; ++i) {
    const auto query =
        static_cast<int64_t>((static_cast<double>(i) + 0.5) * share);
    const auto [first, last] = KeysOf(rule, causal, tokens, query);
    for (int64_t key = first; key <= last; ++key)
      result.pairs += rule.Sees(query, key);
  }
  result.pairs *= share;
  return result;
}

}  // namespace archlab
