// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/beam_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "generation/reader.h"
#include "model/test_spec.h"

namespace archlab {
namespace {

constexpr int64_t kVocabulary = 5;

class BeamSearchTest : public testing::Test {
 protected:
  BeamSearchTest() {
    TestSpec spec;
    spec.position = "[position/rope] {}";
    model_ = spec.Build(DType::kF64, kVocabulary);
    for (const auto& parameter : model_->parameters().parameters())
      for (int64_t i = 0; i < parameter->shape.size(); ++i)
        parameter->master.Set(i, parameter->master.At(i) * 8);
    prompt_.ids = {1, 3, 0};
  }

  // Log probabilities [V] of what follows the ids.
  std::vector<double> Next(const std::vector<int32_t>& ids) {
    PromptIds prompt;
    prompt.ids = ids;
    const Tensor logits = *Reader(*model_, {prompt}, false).Read({ids});
    double total = 0;
    for (int64_t v = 0; v < kVocabulary; ++v) total += std::exp(logits.At(v));
    std::vector<double> result;
    for (int64_t v = 0; v < kVocabulary; ++v)
      result.push_back(logits.At(v) - std::log(total));
    return result;
  }

  // Every continuation of at most `tokens` tokens: those that end, and those
  // that are cut.
  void Enumerate(std::vector<int32_t> made, double log_probability,
                 int64_t tokens, double penalty, std::vector<Hypothesis>* all) {
    const auto score = [&](double log_p, size_t length) {
      return log_p / std::pow((5.0 + double(length)) / 6.0, penalty);
    };
    if (int64_t(made.size()) == tokens) {
      all->push_back({made, score(log_probability, made.size()), false});
      return;
    }
    std::vector<int32_t> ids = prompt_.ids;
    ids.insert(ids.end(), made.begin(), made.end());
    const std::vector<double> next = Next(ids);
    for (int32_t v = 0; v < kVocabulary; ++v) {
      if (v == prompt_.end_id) {
        all->push_back(
            {made, score(log_probability + next[v], made.size() + 1), true});
        continue;
      }
      made.push_back(v);
      Enumerate(made, log_probability + next[v], tokens, penalty, all);
      made.pop_back();
    }
  }

  std::unique_ptr<Model> model_;
  PromptIds prompt_;
};

TEST_F(BeamSearchTest, OneBeamIsGreedy) {
  std::vector<int32_t> ids = prompt_.ids, greedy;
  for (int n = 0; n < 12; ++n) {
    const std::vector<double> next = Next(ids);
    greedy.push_back(static_cast<int32_t>(
        std::max_element(next.begin(), next.end()) - next.begin()));
    ids.push_back(greedy.back());
  }
  const auto found =
      *BeamSearch(*model_, prompt_, {.beams = 1, .max_tokens = 12});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].ids, greedy);
  EXPECT_FALSE(found[0].ended);
}

// Whatever token ends the text, and wherever greedy decoding meets it.
TEST_F(BeamSearchTest, OneBeamEndsWhereGreedyDecodingEnds) {
  int ended = 0;
  for (int32_t first = 0; first < kVocabulary; ++first)
    for (int32_t end = 0; end < kVocabulary; ++end) {
      prompt_.ids = {1, 3, first};
      prompt_.end_id = end;
      std::vector<int32_t> ids = prompt_.ids, greedy;
      bool ends = false;
      while (greedy.size() < 8 && !ends) {
        const std::vector<double> next = Next(ids);
        ids.push_back(static_cast<int32_t>(
            std::max_element(next.begin(), next.end()) - next.begin()));
        ends = ids.back() == end;
        if (!ends) greedy.push_back(ids.back());
      }
      ended += ends;
      const auto found =
          *BeamSearch(*model_, prompt_, {.beams = 1, .max_tokens = 8});
      ASSERT_EQ(found.size(), 1u);
      EXPECT_EQ(found[0].ids, greedy);
      EXPECT_EQ(found[0].ended, ends);
    }
  EXPECT_GT(ended, 5);
}

TEST_F(BeamSearchTest, EnoughBeamsFindTheBestOfAll) {
  for (const int32_t end : {-1, 2}) {
    prompt_.end_id = end;
    for (const double penalty : {0.0, 0.6}) {
      std::vector<Hypothesis> all;
      Enumerate({}, 0, 3, penalty, &all);
      std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.ended != b.ended ? a.ended : a.score > b.score;
      });
      const auto found = *BeamSearch(*model_, prompt_,
                                     {.beams = int(all.size()),
                                      .length_penalty = penalty,
                                      .max_tokens = 3});
      ASSERT_EQ(found.size(), all.size());
      for (size_t i = 0; i < all.size(); ++i)
        EXPECT_NEAR(found[i].score, all[i].score, 1e-9);
      EXPECT_EQ(found[0].ids, all[0].ids);
      EXPECT_EQ(found[0].ended, all[0].ended);
    }
  }
}

// The search stops early only where nothing better can come.
TEST_F(BeamSearchTest, StoppingEarlyLosesNothing) {
  prompt_.end_id = 4;
  const auto best = [this](int64_t tokens) {
    return *BeamSearch(*model_, prompt_,
                       {.beams = 3, .length_penalty = 0, .max_tokens = tokens});
  };
  // A log probability only falls, so more room changes no ended text that the
  // search has settled on.
  const auto near = best(12), far = best(40);
  ASSERT_EQ(near.size(), 3u);
  ASSERT_TRUE(near[2].ended);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(near[i].ids, far[i].ids);
}

TEST_F(BeamSearchTest, CachedEqualsUncached) {
  prompt_.end_id = 4;
  BeamOptions options = {.beams = 3, .max_tokens = 20};
  const auto cached = *BeamSearch(*model_, prompt_, options);
  options.cached = false;
  const auto uncached = *BeamSearch(*model_, prompt_, options);
  ASSERT_EQ(cached.size(), uncached.size());
  for (size_t i = 0; i < cached.size(); ++i)
    EXPECT_EQ(cached[i].ids, uncached[i].ids);
}

}  // namespace
}  // namespace archlab
