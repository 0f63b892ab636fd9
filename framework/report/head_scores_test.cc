// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Heads that do one thing have its score, and what a token is called.

#include "report/head_scores.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "model/test_spec.h"
#include "report/visible_token.h"

namespace archlab {
namespace {

// A head that looks at key(i) only, over twice `half` distinct tokens.
HeadScore ScoreOf(int64_t half, const std::function<int64_t(int64_t)>& key) {
  AttentionView view;
  view.keys = RepeatedSequence(100, half);
  const int64_t tokens = 2 * half;
  Tensor weights = Tensor::Zeros({1, tokens, tokens}, DType::kF32);
  for (int64_t i = 0; i < tokens; ++i) weights.Set(i * tokens + key(i), 1);
  view.layers.push_back({"decoder.0.attention", weights});
  return ScoreHeads(view)[0];
}

TEST(HeadScores, OfPureHeads) {
  constexpr int64_t kHalf = 8;
  const HeadScore previous =
      ScoreOf(kHalf, [](int64_t i) { return std::max<int64_t>(0, i - 1); });
  EXPECT_EQ(previous.previous, 1);
  EXPECT_EQ(previous.duplicate, 0);
  EXPECT_EQ(previous.induction, 0);
  const HeadScore duplicate =
      ScoreOf(kHalf, [](int64_t i) { return i >= kHalf ? i - kHalf : i; });
  EXPECT_EQ(duplicate.previous, 0);
  EXPECT_EQ(duplicate.duplicate, 1);
  EXPECT_EQ(duplicate.induction, 0);
  const HeadScore induction =
      ScoreOf(kHalf, [](int64_t i) { return i >= kHalf ? i - kHalf + 1 : i; });
  EXPECT_EQ(induction.previous, 0);
  EXPECT_EQ(induction.duplicate, 0);
  EXPECT_EQ(induction.induction, 1);
}

TEST(HeadScores, AHeadThatLooksEverywhereHasTheMeanShare) {
  AttentionView view;
  view.keys = {7, 8, 7, 8};
  Tensor weights = Tensor::Zeros({1, 4, 4}, DType::kF32);
  for (int64_t i = 0; i < 4; ++i)
    for (int64_t j = 0; j <= i; ++j) weights.Set(i * 4 + j, 1.0 / (i + 1));
  view.layers.push_back({"here", weights});
  const HeadScore score = ScoreHeads(view)[0];
  EXPECT_NEAR(score.previous, (1 / 2.0 + 1 / 3.0 + 1 / 4.0) / 3, 1e-7);
  EXPECT_NEAR(score.duplicate, (1 / 3.0 + 1 / 4.0) / 2, 1e-7);
  EXPECT_NEAR(score.induction, (1 / 3.0 + 1 / 4.0) / 2, 1e-7);
}

TEST(HeadScores, TheSequenceIsRepeatedAndDistinctWhereItCanBe) {
  const std::vector<int32_t> ids = RepeatedSequence(40, 32);
  ASSERT_EQ(ids.size(), 64u);
  EXPECT_EQ(std::set<int32_t>(ids.begin(), ids.end()).size(), 32u);
  for (size_t i = 0; i < 32; ++i) EXPECT_EQ(ids[i], ids[i + 32]);
  for (const int32_t id : RepeatedSequence(3, 32)) EXPECT_LT(id, 3);
}

TEST(HeadScores, OfAModelFitWhatItReads) {
  TestSpec spec;
  spec.position = "[position/learned] {}";  // 16 tokens
  const auto model = spec.Build(DType::kF32, 11);
  const HeadScores scores = ScoreModel(*model, 11, Tensor());
  EXPECT_EQ(scores.ids.size(), 16u);
  ASSERT_EQ(scores.heads.size(), 4u);  // 2 layers of 2
  EXPECT_EQ(scores.heads[3].path, "decoder.1.attention");
  EXPECT_EQ(scores.heads[3].layer, 1);
  EXPECT_EQ(scores.heads[3].head, 1);
  // Untrained, it looks everywhere about alike.
  EXPECT_NEAR(scores.heads[0].previous, 0.16, 0.02);
  spec.mixer = "[mixer/linear] { heads: 2 }";
  EXPECT_TRUE(
      ScoreModel(*spec.Build(DType::kF32, 11), 11, Tensor()).heads.empty());
}

TEST(VisibleText, ShowsWhatHasNoInk) {
  EXPECT_EQ(VisibleText(" a\n\tb"), "\u2423a\u23CE\u21E5b");
  EXPECT_EQ(VisibleText("\xC3\xA9\xE2\x82"), "\u00E9\\xE2\\x82");
  EXPECT_EQ(VisibleText(std::string("\0\x1B\x7F", 3)), "\\x00\\x1B\\x7F");
  EXPECT_EQ(VisibleText("\u202E\u200B\u00A0"), "\\u202E\\u200B\\xA0");
  EXPECT_EQ(VisibleText("</script>"), "</script>");
}

}  // namespace
}  // namespace archlab
