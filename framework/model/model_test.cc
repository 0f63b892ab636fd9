// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Identities of stacks, counts, and learning.

#include "model/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "archlab/ops.h"
#include "model/every_stack.h"

namespace archlab {
namespace {

// Largest difference of the logits of two specs with equal weights.
double Difference(const TestSpec& a, const TestSpec& b) {
  const Batch batch = RandomBatch(2, 12, 7);
  const Tensor x = a.Build(DType::kF64, kVocabulary)->Logits(batch, {});
  const Tensor y = b.Build(DType::kF64, kVocabulary)->Logits(batch, {});
  double largest = 0;
  for (int64_t i = 0; i < x.size(); ++i)
    largest = std::max(largest, std::abs(x.At(i) - y.At(i)));
  return largest;
}

TEST(Identity, AsManyGroupsAsHeadsIsMultiHead) {
  TestSpec grouped;
  grouped.attention_fields = "kv_heads: 2";
  EXPECT_EQ(Difference(TestSpec(), grouped), 0);
  TestSpec multi_query;
  multi_query.attention_fields = "kv_heads: 1";
  EXPECT_GT(Difference(TestSpec(), multi_query), 1e-6);
}

// One key head for all is every head's own, where those are copies of it.
TEST(Identity, OneGroupIsMultiHeadWithEqualKeys) {
  TestSpec one;
  one.attention_fields = "kv_heads: 1";
  const auto shared = one.Build(DType::kF64, kVocabulary);
  const auto each = TestSpec().Build(DType::kF64, kVocabulary);
  for (const auto& parameter : each->parameters().parameters()) {
    const ParameterData& from = *shared->parameters().Find(parameter->path);
    for (int64_t i = 0; i < parameter->shape.size(); ++i)
      parameter->master.Set(i, from.master.At(i % from.shape.size()));
  }
  const Batch batch = RandomBatch(2, 12, 7);
  const Tensor x = shared->Logits(batch, {}), y = each->Logits(batch, {});
  for (int64_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x.At(i), y.At(i), 1e-13);
}

// dense goes through the tiled kernel; top_k makes the matrix of all scores
// and, of all keys, leaves out none.
TEST(Identity, TiledIsNaive) {
  TestSpec naive;
  naive.attention = "[attention/top_k] {k: 12}";
  EXPECT_LT(Difference(TestSpec(), naive), 1e-13);
  naive.attention = "[attention/top_k] {k: 11}";
  EXPECT_GT(Difference(TestSpec(), naive), 1e-9);
}

TEST(Identity, WideWindowIsDense) {
  TestSpec window;
  window.attention = "[attention/sliding_window] {window: 12}";
  EXPECT_EQ(Difference(TestSpec(), window), 0);
  window.attention = "[attention/sliding_window] {window: 4}";
  EXPECT_GT(Difference(TestSpec(), window), 1e-6);
}

TEST(Identity, OneExpertIsThatExpert) {
  TestSpec one;
  one.feed_forward =
      "[feed_forward/moe] { experts: 1 expert { [feed_forward/mlp] {} } "
      "router { [router/top_k] { k: 1 } } }";
  const auto mixture = one.Build(DType::kF64, kVocabulary);
  const auto plain = TestSpec().Build(DType::kF64, kVocabulary);
  for (const auto& parameter : plain->parameters().parameters()) {
    std::string path = parameter->path;
    const size_t part = path.find("feed_forward.");
    if (part != std::string::npos) path.insert(part + 13, "expert.0.");
    const ParameterData* const from = mixture->parameters().Find(path);
    ASSERT_NE(from, nullptr) << path;
    for (int64_t i = 0; i < parameter->shape.size(); ++i)
      parameter->master.Set(i, from->master.At(i));
  }
  const Batch batch = RandomBatch(2, 12, 7);
  const Tensor x = mixture->Logits(batch, {}), y = plain->Logits(batch, {});
  for (int64_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x.At(i), y.At(i), 1e-13);
}

TEST(Identity, AllBlocksAreDense) {
  TestSpec sparse;
  sparse.attention =
      "[attention/block_sparse] { block: 2 window: 0 global_tokens: 0 "
      "random_blocks: 8 }";
  EXPECT_EQ(Difference(TestSpec(), sparse), 0);
  sparse.attention =
      "[attention/block_sparse] { block: 2 window: 0 global_tokens: 0 "
      "random_blocks: 1 }";
  EXPECT_GT(Difference(TestSpec(), sparse), 1e-6);
}

// A part's error inside a part is located once, at its own field.
TEST(Errors, OfInnerPartsHaveTheirOwnPlace) {
  TestSpec spec;
  spec.feed_forward =
      "[feed_forward/moe] { experts: 2 expert { [feed_forward/mlp] {} } "
      "router { [router/top_k] { k: 4 } } }";
  ModelOptions options;
  options.vocabulary = kVocabulary;
  const auto model = Model::Build(spec.Parse(), BuiltCatalogue(), options);
  const std::string message(model.status().message());
  EXPECT_EQ(message.find("test:1:"), 0u) << message;
  EXPECT_NE(message.find("feed_forward.router [router/top_k].k: must be at "
                         "most the number of experts, 2, but is 4"),
            std::string::npos)
      << message;
  EXPECT_EQ(message.find("[feed_forward/moe].experts"), std::string::npos);
}

TEST(Counts, Gpt2With124MillionParameters) {
  TestSpec spec;
  spec.width = 768;
  spec.heads = 12;
  spec.layers = 12;
  spec.sequence_tokens = 1024;
  spec.position = "[position/learned] {}";
  spec.norm = "[norm/layer_norm] {bias: false}";
  const auto model = spec.Build(DType::kF32, 50257, /*shapes_only=*/true);
  const ModelCounts counts = model->Count(1024);
  EXPECT_EQ(counts.total.parameters, 124337664);
  EXPECT_EQ(counts.total.parameters, model->parameters().Count());
  EXPECT_EQ(counts.total.flops, 291648307200.0);
  // Causal: T (T + 1) / 2 pairs instead of T^2, in 12 layers.
  const double skipped = 1024.0 * 1024 - 1024.0 * 1025 / 2;
  EXPECT_EQ(counts.total.flops_executed,
            291648307200.0 - 12 * 4 * 768 * skipped);
  EXPECT_EQ(counts.total.kv_cache_bytes, 12 * 2 * 1024 * 768 * 4);
}

TEST(Training, LearnsABatchByHeart) {
  const auto model = TestSpec().Build(DType::kF32, kVocabulary);
  const Batch batch = RandomBatch(2, 8, 8);
  model->parameters().RequireGradients(true);
  PassOptions options;
  options.training = true;
  double loss = 0;
  for (int step = 0; step < 150; ++step) {
    const LossResult result = model->Loss(batch, options);
    loss = result.sum / result.tokens;
    if (step == 0) {
      EXPECT_NEAR(loss, std::log(kVocabulary), 0.2);
    }
    Backward(result.total);
    for (const auto& parameter : model->parameters().parameters()) {
      const Tensor gradient = model->parameters().Gradient(*parameter);
      for (int64_t i = 0; i < gradient.size(); ++i)
        parameter->master.data<float>()[i] -= 0.05f * gradient.data<float>()[i];
    }
    model->parameters().ClearGradients();
    model->parameters().Refresh();
  }
  EXPECT_LT(loss, 0.2);
}

}  // namespace
}  // namespace archlab
