// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/adapt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "archlab/ops.h"
#include "archlab/random.h"
#include "model/test_spec.h"

namespace archlab {
namespace {

using testing::HasSubstr;

constexpr int64_t kVocabulary = 11;

Batch SomeBatch() {
  Batch batch;
  batch.ids = Tensor::FromI32({2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  batch.targets = Tensor::FromI32({2, 5}, {2, 3, 4, 5, 6, 7, 8, 9, 10, 1});
  batch.weights = Tensor::Full({2, 5}, DType::kF32, 1);
  batch.tokens = 10;
  return batch;
}

void Randomize(Tensor tensor, uint64_t seed) {
  Random random(seed, 0, 0);
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.Set(i, 0.1 * random.Normal());
}

TEST(Adapt, LowRankMergedEqualsUnmerged) {
  TestSpec spec;
  const std::unique_ptr<Model> plain = spec.Build(DType::kF64, kVocabulary);
  spec.training_fields =
      "lora { parameter: '*.attention.q.weight' parameter: "
      "'*.feed_forward.*.weight' rank: 3 alpha: 6 }";
  const std::unique_ptr<Model> adapted = spec.Build(DType::kF64, kVocabulary);
  ASSERT_TRUE(AdaptModel(spec.Parse(), adapted.get()).ok());
  ParameterStore& store = adapted->parameters();
  const Tensor before = adapted->Logits(SomeBatch(), {});
  const Tensor same = plain->Logits(SomeBatch(), {});
  int changed = 0;
  for (const auto& parameter : store.parameters())
    if (parameter->lora_b != nullptr)
      Randomize(parameter->lora_b->master, ++changed);
  EXPECT_EQ(changed, 2 * 3);  // q and two layers of the feed-forward part
  store.Refresh();
  for (const auto& parameter : plain->parameters().parameters()) {
    const Tensor merged = store.Merged(*store.Find(parameter->path));
    for (int64_t i = 0; i < merged.size(); ++i)
      parameter->master.Set(i, merged.At(i));
  }
  const Tensor unmerged = adapted->Logits(SomeBatch(), {});
  const Tensor merged = plain->Logits(SomeBatch(), {});
  double moved = 0;
  for (int64_t i = 0; i < merged.size(); ++i) {
    EXPECT_EQ(before.At(i), same.At(i));  // B is zero at first
    EXPECT_NEAR(merged.At(i), unmerged.At(i), 1e-12);
    moved += std::abs(merged.At(i) - before.At(i));
  }
  EXPECT_GT(moved, 1e-3);
}

TEST(Adapt, OnlyTheLowRankPartsAndWhatIsNamedAreTrained) {
  TestSpec spec;
  spec.training_fields =
      "lora { parameter: '*.v.weight' train_too: '*.final_norm.*' }";
  const std::unique_ptr<Model> model = spec.Build(DType::kF32, kVocabulary);
  ASSERT_TRUE(AdaptModel(spec.Parse(), model.get()).ok());
  ParameterStore& store = model->parameters();
  store.RequireGradients(true);
  Backward(model->Loss(SomeBatch(), {}).total);
  for (const auto& parameter : store.parameters()) {
    const bool part = PathMatches("*.lora_?", parameter->path) ||
                      PathMatches("*.final_norm.*", parameter->path);
    EXPECT_EQ(parameter->trained, part) << parameter->path;
    EXPECT_EQ(store.Gradient(*parameter).defined(), part) << parameter->path;
  }
}

// What is f32 in a bf16 model stays so: a router's logits, for one.
TEST(Adapt, LowRankPartsKeepThePrecisionOfTheirMatrix) {
  ParameterStore store(DType::kBF16, 1);
  ParameterData* kept =
      store.Add("kept", {4, 8}, Init::Normal(1), {.keep_f32 = true}).data();
  ParameterData* narrow =
      store.Add("narrow", {4, 8}, Init::Normal(1), {}).data();
  store.AdaptLowRank(kept, 2, 1);
  store.AdaptLowRank(narrow, 2, 1);
  EXPECT_EQ(kept->compute.dtype(), DType::kF32);
  EXPECT_EQ(narrow->compute.dtype(), DType::kBF16);
}

TEST(Adapt, AHeadOfItsOwnIsALinearLayer) {
  TestSpec spec;
  spec.assembly = "decoder_only { tied_embeddings: false }";
  spec.training_fields = "lora { parameter: 'head.weight' }";
  const std::unique_ptr<Model> model = spec.Build(DType::kF32, kVocabulary);
  ASSERT_TRUE(AdaptModel(spec.Parse(), model.get()).ok());
  ParameterStore& store = model->parameters();
  ASSERT_NE(store.Find("head.weight.lora_b"), nullptr);
  store.RequireGradients(true);
  Backward(model->Loss(SomeBatch(), {}).total);
  EXPECT_TRUE(store.Gradient(*store.Find("head.weight.lora_b")).defined());
  EXPECT_FALSE(store.Find("head.weight")->trained);
}

TEST(Adapt, FreezesByPath) {
  TestSpec spec;
  spec.training_fields = "freeze: 'decoder.0.*' freeze: 'embedding.*'";
  const std::unique_ptr<Model> model = spec.Build(DType::kF32, kVocabulary);
  ASSERT_TRUE(AdaptModel(spec.Parse(), model.get()).ok());
  for (const auto& parameter : model->parameters().parameters())
    EXPECT_EQ(parameter->trained,
              !PathMatches("decoder.0.*", parameter->path) &&
                  !PathMatches("embedding.*", parameter->path))
        << parameter->path;
}

TEST(Adapt, RefusesWhatFitsNothing) {
  const auto message = [](const std::string& fields) {
    TestSpec spec;
    spec.training_fields = fields;
    const std::unique_ptr<Model> model = spec.Build(DType::kF32, kVocabulary);
    return std::string(AdaptModel(spec.Parse(), model.get()).message());
  };
  EXPECT_THAT(message("freeze: 'decoder.7.*'"),
              HasSubstr("training.freeze[0]: fits no parameter of the model"));
  EXPECT_THAT(message("lora { parameter: 'embedding.weight' }"),
              HasSubstr("'embedding.weight' is no weight of a linear layer"));
  EXPECT_THAT(message("freeze: '*'"),
              HasSubstr("training: freezes every parameter of the model"));
}

}  // namespace
}  // namespace archlab
