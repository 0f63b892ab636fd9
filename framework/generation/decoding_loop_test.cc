// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/decoding_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>

#include "archlab/random.h"
#include "generation/letters_for_test.h"
#include "generation/reader.h"
#include "model/test_spec.h"

namespace archlab {
namespace {

using testing::HasSubstr;

class Greedy final : public Sampler {
 public:
  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    size_t best = 0;
    for (size_t i = 1; i < logits.size(); ++i)
      if (logits[i] > logits[best]) best = i;
    for (size_t i = 0; i < logits.size(); ++i)
      if (i != best) logits[i] = -std::numeric_limits<double>::infinity();
  }
};

class DecodingLoopTest : public testing::TestWithParam<const char*> {
 protected:
  DecodingLoopTest() {
    TestSpec spec;
    spec.position = GetParam();
    model_ = spec.Build(DType::kF64, 11);
    // Larger weights make the distribution far from uniform.
    for (const auto& parameter : model_->parameters().parameters())
      for (int64_t i = 0; i < parameter->shape.size(); ++i)
        parameter->master.Set(i, parameter->master.At(i) * 8);
  }

  std::vector<Generated> Run(const std::vector<std::string>& prompts,
                             const DecodingOptions& options) {
    auto made = DecodingLoop(*model_, letters_, samplers_)
                    .Run(prompts, options, nullptr);
    EXPECT_TRUE(made.ok()) << made.status();
    return *made;
  }

  Letters letters_;
  std::vector<std::unique_ptr<Sampler>> samplers_;
  std::unique_ptr<Model> model_;
};

// learned ends at 16 tokens and slides; alibi and rope have no end.
INSTANTIATE_TEST_SUITE_P(Positions, DecodingLoopTest,
                         testing::Values("[position/learned] {}",
                                         "[position/rope] {}",
                                         "[position/alibi] {}"));

TEST_P(DecodingLoopTest, CachedEqualsUncachedPastTheTrainedLength) {
  DecodingOptions options;
  options.max_tokens = 50;
  const std::vector<std::string> prompts = {"abc", "fgabcd", "e"};
  for (const bool greedy : {false, true}) {
    if (greedy) samplers_.push_back(std::make_unique<Greedy>());
    options.cached = true;
    const auto cached = Run(prompts, options);
    options.cached = false;
    const auto uncached = Run(prompts, options);
    for (size_t r = 0; r < prompts.size(); ++r) {
      EXPECT_EQ(cached[r].ids, uncached[r].ids);
      EXPECT_EQ(cached[r].ids.size(), 50u);
    }
  }
}

TEST_P(DecodingLoopTest, APromptDoesNotDependOnItsNeighbours) {
  DecodingOptions options;
  options.max_tokens = 8;
  const auto alone = Run({"abc"}, options);
  const auto together = Run({"abc", "ijkabcdd"}, options);
  EXPECT_EQ(alone[0].text, together[0].text);
}

TEST_P(DecodingLoopTest, StreamsWhatItReturnsAndStops) {
  DecodingOptions options;
  options.max_tokens = 40;
  const std::string whole = Run({"ab"}, options)[0].text;
  ASSERT_EQ(whole.size(), 40u);
  options.stop = {whole.substr(11, 3)};
  std::string streamed;
  const auto stopped =
      DecodingLoop(*model_, letters_, samplers_)
          .Run({"ab"}, options, [&](int64_t row, absl::string_view text) {
            EXPECT_EQ(row, 0);
            streamed.append(text.data(), text.size());
          });
  ASSERT_TRUE(stopped.ok());
  EXPECT_TRUE((*stopped)[0].stopped);
  EXPECT_EQ((*stopped)[0].text, whole.substr(0, whole.find(options.stop[0])));
  EXPECT_EQ(streamed, (*stopped)[0].text);
}

// An encoder runs once and its keys are kept, or all is computed again for
// each token: the same texts, of sources of several lengths.
TEST(DecodingLoop, CachedCrossKeysWriteWhatRecomputedOnesDo) {
  TestSpec spec;
  spec.position = "[position/rope] {}";
  spec.assembly = "encoder_decoder {}";
  spec.objective = "[objective/seq2seq] {}";
  const auto model = spec.Build(DType::kF64, 11);
  for (const auto& parameter : model->parameters().parameters())
    for (int64_t i = 0; i < parameter->shape.size(); ++i)
      parameter->master.Set(i, parameter->master.At(i) * 8);
  const Letters letters;
  std::vector<std::unique_ptr<Sampler>> greedy;
  greedy.push_back(std::make_unique<Greedy>());
  const DecodingLoop loop(*model, letters, greedy,
                          [](const std::vector<int32_t>& text) {
                            PromptIds prompt;
                            prompt.ids = text;
                            prompt.decoder_ids = {0};
                            prompt.end_id = 10;
                            return prompt;
                          });
  const std::vector<std::string> sources = {"abcdefg", "b", "gfe", "aabb"};
  DecodingOptions options;
  options.max_tokens = 12;
  std::set<std::string> texts;
  for (const int beams : {1, 3}) {
    options.beams = beams;
    options.cached = true;
    const auto cached = loop.Run(sources, options, nullptr);
    options.cached = false;
    const auto recomputed = loop.Run(sources, options, nullptr);
    ASSERT_TRUE(cached.ok() && recomputed.ok());
    for (size_t i = 0; i < sources.size(); ++i) {
      EXPECT_EQ((*cached)[i].ids, (*recomputed)[i].ids) << beams;
      texts.insert((*cached)[i].text);
    }
  }
  EXPECT_GT(texts.size(), 2u);  // the sources matter
}

TEST_P(DecodingLoopTest, SeedsMatter) {
  DecodingOptions options;
  options.max_tokens = 30;
  const std::string first = Run({"ab"}, options)[0].text;
  EXPECT_EQ(Run({"ab"}, options)[0].text, first);
  options.seed = 1;
  EXPECT_NE(Run({"ab"}, options)[0].text, first);
}

TEST_P(DecodingLoopTest, RefusesBadPrompts) {
  const DecodingLoop loop(*model_, letters_, samplers_);
  EXPECT_THAT(loop.Run({"ab", ""}, {}, nullptr).status().message(),
              HasSubstr("prompt 2 has no tokens to continue"));
  EXPECT_THAT(loop.Run({"az"}, {}, nullptr).status().message(),
              HasSubstr("no id for z"));
  if (model_->MaxTokens() >= 0) {
    EXPECT_THAT(
        loop.Run({std::string(17, 'a')}, {}, nullptr).status().message(),
        HasSubstr("has 17 tokens, but the model's positions end at 16"));
  }
}

TEST(DrawToken, FollowsTheDistribution) {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> logits = {std::log(0.2), -inf, std::log(0.5),
                                      std::log(0.3)};
  std::vector<int> counts(4);
  Random random(7, 0, 0);
  const int draws = 100000;
  for (int i = 0; i < draws; ++i) ++counts[DrawToken(logits, random.Uniform())];
  EXPECT_EQ(counts[1], 0);
  double chi_square = 0;
  const double expected[] = {0.2, 0, 0.5, 0.3};
  for (const int i : {0, 2, 3})
    chi_square +=
        std::pow(counts[i] - expected[i] * draws, 2) / (expected[i] * draws);
  EXPECT_LT(chi_square, 13.8);  // 2 degrees of freedom, p = 0.001
  EXPECT_EQ(DrawToken(logits, 0), 0);
  EXPECT_EQ(DrawToken(logits, 1 - 1e-17), 3);
}

TEST(DrawToken, OfNothingIsNothing) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double bad : {inf, std::nan("")})
    for (size_t at = 0; at < 3; ++at) {
      std::vector<double> logits = {1, 2, 3};
      logits[at] = bad;
      EXPECT_EQ(DrawToken(logits, 0.5), -1) << bad << " at " << at;
    }
  EXPECT_EQ(DrawToken({-inf, -inf}, 0.5), -1);
}

class Nothing final : public Sampler {
 public:
  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    for (double& l : logits) l = -std::numeric_limits<double>::infinity();
  }
};

TEST_P(DecodingLoopTest, SamplersThatLeaveNothingAreAnError) {
  samplers_.push_back(std::make_unique<Nothing>());
  DecodingOptions options;
  options.max_tokens = 2;
  EXPECT_THAT(DecodingLoop(*model_, letters_, samplers_)
                  .Run({"ab"}, options, nullptr)
                  .status()
                  .message(),
              HasSubstr("the samplers leave no token to draw after 2 tokens"));
}

TEST_P(DecodingLoopTest, AModelThatDivergedWritesNothing) {
  model_->parameters().parameters()[0]->master.Set(0, std::nan(""));
  for (const int beams : {1, 3})
    for (const bool cached : {true, false}) {
      DecodingOptions options;
      options.max_tokens = 4;
      options.beams = beams;
      options.cached = cached;
      EXPECT_THAT(
          DecodingLoop(*model_, letters_, samplers_)
              .Run({"abc"}, options, nullptr)
              .status()
              .message(),
          HasSubstr("after 3 tokens the model's logits are not numbers"));
    }
}

// More tokens than a thread sums at once.
TEST(DrawToken, FollowsTheDistributionOverManyTokens) {
  std::vector<double> logits(10000, -std::numeric_limits<double>::infinity());
  for (const int i : {1, 4095, 4096, 9000}) logits[i] = 5;
  const int expected[] = {1, 4095, 4096, 9000};
  for (int quarter = 0; quarter < 4; ++quarter)
    for (const double at : {0.01, 0.24})
      EXPECT_EQ(DrawToken(logits, 0.25 * quarter + at), expected[quarter]);
  EXPECT_EQ(DrawToken(logits, 1 - 1e-17), 9000);
}

// 8-bit weights, prompt and steps: what is drawn is what the model says that
// reads the rounded weights whole.
TEST(Int8Weights, CachedAndWholeReadingAgree) {
  for (const DType compute : {DType::kF32, DType::kBF16}) {
    TestSpec spec;
    spec.position = "[position/rope] {}";
    const auto model = spec.Build(compute, 11);
    for (const auto& parameter : model->parameters().parameters())
      for (int64_t i = 0; i < parameter->shape.size(); ++i)
        parameter->master.Set(i, parameter->master.At(i) * 4);
    model->parameters().Refresh();
    const auto exact = spec.Build(DType::kF32, 11);
    for (const auto& parameter : exact->parameters().parameters())
      for (int64_t i = 0; i < parameter->shape.size(); ++i)
        parameter->master.Set(i, parameter->master.At(i) * 4);
    model->UseInt8Weights();
    const std::vector<PromptIds> prompts(1);
    Reader cached(*model, prompts, true), whole(*model, prompts, false);
    Reader before(*exact, prompts, true);
    TokenRows rows = {{1, 2, 3, 4,  5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4,  5, 6,
                       7, 8, 9, 10, 0, 1, 2, 3, 4, 5,  6, 7, 8, 9, 10, 0, 1}};
    double largest = 0;
    for (int step = 0; step < 5; ++step) {
      const Tensor a = *cached.Read(rows), b = *whole.Read(rows);
      const Tensor c = *before.Read(rows);
      for (int64_t i = 0; i < a.size(); ++i) {
        const bool f32 = compute == DType::kF32;  // bf16 rounds activations
        EXPECT_NEAR(a.At(i), b.At(i), f32 ? 2e-3 : 0.3) << compute;
        EXPECT_NEAR(a.At(i), c.At(i), f32 ? 0.15 : 0.3) << compute;
        largest = std::max(largest, std::abs(a.At(i)));
      }
      rows[0].push_back(step);
    }
    EXPECT_GT(largest, 1);  // there was something to compare
  }
}

}  // namespace
}  // namespace archlab
