// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sums over activations whose values are known.

#include "report/activations.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "model/test_spec.h"

namespace archlab {
namespace {

constexpr int64_t kIds = 11, kTokens = 6;

Batch SomeText() {
  Batch batch;
  batch.ids = Tensor::FromI32({1, kTokens}, {1, 2, 3, 1, 2, 3});
  return batch;
}

std::map<std::string, ActivationRow> ByPath(const ActivationMeter& meter) {
  std::map<std::string, ActivationRow> rows;
  for (const ActivationRow& row : meter.Activations()) rows[row.path] = row;
  return rows;
}

TestSpec ReluSpec() {
  TestSpec spec;
  spec.layers = 1;
  spec.feed_forward = "[feed_forward/mlp] { activation: RELU hidden: 8 }";
  return spec;
}

TEST(Activations, AreNamedByTheirPlaces) {
  const auto model = ReluSpec().Build(DType::kF32, kIds);
  ActivationMeter meter;
  meter.Read(*model, SomeText());
  std::vector<std::string> paths;
  for (const ActivationRow& row : meter.Activations())
    paths.push_back(row.path);
  EXPECT_EQ(paths,
            (std::vector<std::string>{
                "decoder.embedding", "decoder.0.attention_norm",
                "decoder.0.attention", "decoder.0.feed_forward_norm",
                "decoder.0.feed_forward.hidden", "decoder.0.feed_forward",
                "decoder.0", "decoder.final_norm"}));
  const auto rows = ByPath(meter);
  // Layer norm without a learned gain: mean 0, RMS 1.
  EXPECT_NEAR(rows.at("decoder.final_norm").mean, 0, 1e-5);
  EXPECT_NEAR(rows.at("decoder.final_norm").rms, 1, 2e-2);
  EXPECT_EQ(rows.at("decoder.0").tokens, kTokens);
  EXPECT_EQ(rows.at("decoder.0").units, 16);
}

TEST(Activations, UnitsThatNeverFireAreDead) {
  const auto model = ReluSpec().Build(DType::kF32, kIds);
  Tensor in = model->parameters()
                  .Find("decoder.0.feed_forward.in.weight")
                  ->master;  // [8, 16]
  for (int64_t i = 0; i < 3 * 16; ++i) in.Set(i, 0);
  model->parameters().Refresh();
  ActivationMeter meter;
  meter.Read(*model, SomeText());
  meter.Read(*model, SomeText());
  const ActivationRow hidden =
      ByPath(meter).at("decoder.0.feed_forward.hidden");
  EXPECT_EQ(hidden.tokens, 2 * kTokens);
  EXPECT_EQ(hidden.units, 8);
  EXPECT_GE(hidden.dead, 3);
  EXPECT_LT(hidden.dead, 8);
  EXPECT_GE(hidden.zeros, 3.0 / 8);
  EXPECT_LT(hidden.zeros, 1);
  EXPECT_GT(hidden.mean, 0);
}

TEST(Activations, PaddingDoesNotCount) {
  const auto model = ReluSpec().Build(DType::kF32, kIds);
  Batch padded = SomeText();
  padded.segments = Tensor::FromI32({1, kTokens}, {0, 0, 0, 0, -1, -1});
  Batch cut;
  cut.ids = Tensor::FromI32({1, 4}, {1, 2, 3, 1});
  ActivationMeter with, without;
  with.Read(*model, padded);
  without.Read(*model, cut);
  const auto rows = ByPath(without);
  for (const ActivationRow& row : with.Activations()) {
    EXPECT_EQ(row.tokens, 4) << row.path;
    EXPECT_NEAR(row.rms, rows.at(row.path).rms, 1e-5) << row.path;
  }
  EXPECT_EQ(with.Entropies()[0].rows, 4 * 2);
  EXPECT_NEAR(with.Entropies()[0].nats, without.Entropies()[0].nats, 1e-5);
}

TEST(Activations, EntropyOfAHeadThatLooksEverywhereAlike) {
  const auto model = ReluSpec().Build(DType::kF32, kIds);
  Tensor q = model->parameters().Find("decoder.0.attention.q.weight")->master;
  for (int64_t i = 0; i < q.size(); ++i) q.Set(i, 0);
  model->parameters().Refresh();
  ActivationMeter meter;
  meter.Read(*model, SomeText());
  double expected = 0;
  for (int64_t seen = 1; seen <= kTokens; ++seen)
    expected += std::log(double(seen)) / kTokens;
  ASSERT_EQ(meter.Entropies().size(), 1u);
  EXPECT_EQ(meter.Entropies()[0].path, "decoder.0.attention");
  EXPECT_EQ(meter.Entropies()[0].rows, kTokens * 2);
  EXPECT_NEAR(meter.Entropies()[0].nats, expected, 1e-5);
}

TEST(Activations, EncoderAndDecoderHaveTheirOwnPadding) {
  TestSpec spec = ReluSpec();
  spec.assembly = "encoder_decoder {}";
  spec.objective = "[objective/seq2seq] {}";
  const auto model = spec.Build(DType::kF32, kIds);
  Batch batch = SomeText();
  batch.decoder_ids = SomeText().ids;
  batch.segments = Tensor::FromI32({1, kTokens}, {0, 0, 0, 0, 0, -1});
  batch.decoder_segments = Tensor::FromI32({1, kTokens}, {0, 0, 0, -1, -1, -1});
  ActivationMeter meter;
  meter.Read(*model, batch);
  const auto rows = ByPath(meter);
  EXPECT_EQ(rows.at("encoder.0").tokens, 5);
  EXPECT_EQ(rows.at("decoder.0").tokens, 3);
  EXPECT_EQ(rows.at("decoder.0.cross_attention").tokens, 3);
}

TEST(Activations, MixersWithoutPairsHaveNoEntropy) {
  TestSpec spec = ReluSpec();
  spec.mixer = "[mixer/linear] { heads: 2 }";
  ActivationMeter meter;
  meter.Read(*spec.Build(DType::kF32, kIds), SomeText());
  ASSERT_EQ(meter.Entropies().size(), 1u);
  EXPECT_EQ(meter.Entropies()[0].path, "decoder.0.mixer");
  EXPECT_EQ(meter.Entropies()[0].rows, 0);
}

}  // namespace
}  // namespace archlab
