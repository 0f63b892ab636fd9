// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/head_scores.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "archlab/random.h"

namespace archlab {
namespace {

constexpr int64_t kHalf = 32;  // tokens

// Whether key j belongs to the pattern of query i.
using InPattern = std::function<bool(int64_t i, int64_t j)>;

// Mean over the queries with such keys of the weight on all of them; weights
// [T, T], keys j <= i.
double MeanWeight(const float* weights, int64_t tokens,
                  const InPattern& in_pattern) {
  double total = 0;
  int64_t queries = 0;
  for (int64_t i = 0; i < tokens; ++i) {
    bool any = false;
    for (int64_t j = 0; j <= i; ++j) {
      if (!in_pattern(i, j)) continue;
      any = true;
      total += weights[i * tokens + j];
    }
    queries += any;
  }
  return queries > 0 ? total / static_cast<double>(queries) : 0;
}

}  // namespace

std::vector<int32_t> RepeatedSequence(int64_t vocabulary, int64_t half) {
  Random random(0, 0, SiteHash("head scores"));
  std::vector<int32_t> ids;
  while (static_cast<int64_t>(ids.size()) < half) {
    const auto id = static_cast<int32_t>(random.Below(vocabulary));
    if (vocabulary < half || std::find(ids.begin(), ids.end(), id) == ids.end())
      ids.push_back(id);
  }
  ids.insert(ids.end(), ids.begin(), ids.begin() + half);
  return ids;
}

std::vector<HeadScore> ScoreHeads(const AttentionView& view) {
  const std::vector<int32_t>& ids = view.keys;
  const auto tokens = static_cast<int64_t>(ids.size());
  std::vector<HeadScore> scores;
  for (size_t l = 0; l < view.layers.size(); ++l) {
    const Tensor& weights = view.layers[l].weights;  // [H, T, T]
    for (int64_t h = 0; h < weights.dim(0); ++h) {
      const auto mean = [&](const InPattern& in_pattern) {
        return MeanWeight(weights.data<float>() + h * tokens * tokens, tokens,
                          in_pattern);
      };
      HeadScore score;
      score.path = view.layers[l].path;
      score.layer = static_cast<int64_t>(l);
      score.head = h;
      score.previous = mean([](int64_t i, int64_t j) { return j == i - 1; });
      score.duplicate =
          mean([&](int64_t i, int64_t j) { return j < i && ids[j] == ids[i]; });
      score.induction = mean(
          [&](int64_t i, int64_t j) { return j > 0 && ids[j - 1] == ids[i]; });
      scores.push_back(score);
    }
  }
  return scores;
}

HeadScores ScoreModel(Model& model, int64_t ordinary_ids,
                      const Tensor& source) {
  int64_t half = kHalf;
  if (model.MaxTokens() >= 0) half = std::min(half, model.MaxTokens() / 2);
  if (half < 2 || ordinary_ids < 1) return {};
  HeadScores scores;
  scores.ids = RepeatedSequence(ordinary_ids, half);
  const Tensor row = Tensor::FromI32({1, 2 * half}, scores.ids);
  Batch batch;
  batch.ids = source.defined() ? source : row;
  if (source.defined()) batch.decoder_ids = row;
  const absl::StatusOr<AttentionMaps> maps = ReadAttentionMaps(model, batch);
  if (!maps.ok()) return {};
  for (const AttentionView& view : maps->views)
    if (view.name == (source.defined() ? "decoder" : "all"))
      scores.heads = ScoreHeads(view);
  return scores;
}

}  // namespace archlab
