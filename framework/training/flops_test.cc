// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The operations of a training step against what the model is said to need.

#include <gtest/gtest.h>
#include <omp.h>

#include <string>

#include "absl/strings/match.h"
#include "archlab/random.h"
#include "model/test_spec.h"
#include "training/fakes_for_test.h"
#include "training/step.h"

namespace archlab {
namespace {

constexpr int64_t kVocabulary = 40, kRows = 3, kTokens = 16;

Tensor RandomIds(uint64_t seed) {
  Random random(seed, 0, 0);
  Tensor ids = Tensor::Empty({kRows, kTokens}, DType::kI32);  // [B, T]
  for (int64_t i = 0; i < ids.size(); ++i)
    ids.data<int32_t>()[i] = static_cast<int32_t>(random.Below(kVocabulary));
  return ids;
}

Batch RandomBatch(bool decoder) {
  Batch batch;
  batch.ids = RandomIds(1);
  batch.targets = RandomIds(2);
  if (decoder) batch.decoder_ids = RandomIds(3);
  batch.weights = Tensor::Full({kRows, kTokens}, DType::kF32, 1);
  batch.tokens = kRows * kTokens;
  return batch;
}

double StepFlops(const TestSpec& spec, int threads, int micro_batches) {
  omp_set_num_threads(threads);
  const auto model = spec.Build(DType::kF32, kVocabulary);
  const FakeOptimizer optimizer;  // has no products
  TrainingStep step(model.get(), &optimizer, {micro_batches, 0, 0});
  const bool decoder = absl::StrContains(spec.assembly, "encoder_decoder");
  const auto result =
      step.Run(0, 0.1, [decoder](int) { return RandomBatch(decoder); });
  omp_set_num_threads(1);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? result->flops : 0;
}

// Of the forward pass over a batch: all of it, and what pairs of query and key
// take. All pairs of so short a sequence lie in one tile, which is computed
// whole, so pairs count in full, and not only those that a causal mask leaves.
struct ForwardFlops {
  double all = 0, pairs = 0;
};
ForwardFlops Counted(const TestSpec& spec) {
  const auto model = spec.Build(DType::kF32, kVocabulary, true);
  ForwardFlops flops;
  for (const CountRow& row : model->Count(kTokens).rows) {
    flops.all += kRows * row.flops;
    if (absl::EndsWith(row.path, "attention"))  // and cross_attention
      flops.pairs += kRows * 4.0 * spec.width * kTokens * kTokens;
  }
  return flops;
}

// Each product of the forward pass has two in the backward pass, one for each
// operand: the first layer's input too, because the embedding is trained.
// Attention has five for its two, as it computes the scores again. To the last
// operation, so that nothing can be left out unnoticed.
void ExpectAllAreCounted(const TestSpec& spec) {
  const ForwardFlops forward = Counted(spec);
  ASSERT_GT(forward.pairs, 0);
  const double expected = 3 * forward.all + 0.5 * forward.pairs;
  EXPECT_EQ(StepFlops(spec, 1, 1), expected);
  EXPECT_EQ(StepFlops(spec, 2, 1), expected);
  EXPECT_EQ(StepFlops(spec, 1, 2), 2 * expected);
}

TEST(Flops, OfAGptStepAreThoseOfItsProducts) {
  TestSpec spec;
  spec.position = "[position/rope] {}";
  spec.attention_fields = "kv_heads: 1";
  ExpectAllAreCounted(spec);
}

TEST(Flops, OfAnEncoderDecoderStepAreThoseOfItsProducts) {
  TestSpec spec;
  spec.assembly = "encoder_decoder {}";
  spec.objective = "[objective/seq2seq] {}";
  ExpectAllAreCounted(spec);
}

TEST(Flops, OfAMixtureOfExpertsAreThoseOfTheChosenExperts) {
  TestSpec spec;
  spec.feed_forward =
      "[feed_forward/moe] { experts: 4 shared_experts: 1 "
      "router { [router/top_k] { k: 2 } } "
      "expert { [feed_forward/mlp] {} } }";
  ExpectAllAreCounted(spec);
}

// The rule of thumb: three times what the pairs that interact need.
TEST(Flops, OfAWideModelAreThreeForwardPasses) {
  TestSpec spec;
  spec.width = 128;
  const auto model = spec.Build(DType::kF32, kVocabulary, true);
  const double forward = kRows * model->Count(kTokens).total.flops_executed;
  EXPECT_NEAR(StepFlops(spec, 1, 1) / (3 * forward), 1, 0.03);
}

}  // namespace
}  // namespace archlab
