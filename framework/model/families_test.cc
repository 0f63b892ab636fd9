// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The three assemblies of one trunk: who sees whom, caches, padding, and
// identities between them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "absl/strings/match.h"
#include "archlab/ops.h"
#include "archlab/random.h"
#include "archlab/testing.h"
#include "model/model.h"
#include "model/test_spec.h"

namespace archlab {
namespace {

constexpr int64_t kVocabulary = 11;

Tensor RandomIds(int64_t rows, int64_t tokens, uint64_t seed) {
  Random random(seed, 0, 0);
  Tensor ids = Tensor::Empty({rows, tokens}, DType::kI32);  // [B, T]
  for (int64_t i = 0; i < ids.size(); ++i)
    ids.data<int32_t>()[i] = random.Below(kVocabulary);
  return ids;
}

// The ids with the one at (0, t) changed.
Tensor Changed(const Tensor& ids, int64_t t) {
  Tensor other = ids.Clone();
  other.data<int32_t>()[t] = (other.data<int32_t>()[t] + 1) % kVocabulary;
  return other;
}

TestSpec EncoderDecoderSpec() {
  TestSpec spec;
  spec.position = "[position/rope] {}";
  spec.assembly = "encoder_decoder {}";
  spec.objective = "[objective/seq2seq] {}";
  return spec;
}

TestSpec EncoderSpec() {
  TestSpec spec;
  spec.position = "[position/rope] {}";
  spec.assembly = "encoder_only {}";
  spec.objective = "[objective/masked_lm] {}";
  return spec;
}

Batch Pair(int64_t rows, int64_t source, int64_t target) {
  Batch batch;
  batch.ids = RandomIds(rows, source, 1);
  batch.decoder_ids = RandomIds(rows, target, 2);
  return batch;
}

// Elements of row t of sequence 0, logits [B, T, V].
std::vector<double> Row(const Tensor& logits, int64_t t) {
  std::vector<double> row;
  for (int64_t v = 0; v < logits.dim(2); ++v)
    row.push_back(logits.At(t * logits.dim(2) + v));
  return row;
}

TEST(EncoderDecoder, ATargetSeesThoseBeforeItAndTheWholeSource) {
  const auto model = EncoderDecoderSpec().Build(DType::kF32, kVocabulary);
  const Batch batch = Pair(1, 6, 5);
  const Tensor before = model->Logits(batch, {});  // [1, 5, V]
  for (int64_t t = 0; t < 5; ++t) {
    Batch other = batch;
    other.decoder_ids = Changed(batch.decoder_ids, t);
    const Tensor after = model->Logits(other, {});
    for (int64_t i = 0; i < 5; ++i)
      EXPECT_EQ(Row(before, i) == Row(after, i), i < t) << i << " " << t;
  }
  for (int64_t t = 0; t < 6; ++t) {
    Batch other = batch;
    other.ids = Changed(batch.ids, t);
    const Tensor after = model->Logits(other, {});
    for (int64_t i = 0; i < 5; ++i) EXPECT_NE(Row(before, i), Row(after, i));
  }
}

TEST(EncoderDecoder, CachedCrossKeysEqualRecomputed) {
  const auto model = EncoderDecoderSpec().Build(DType::kF64, kVocabulary);
  const Batch batch = Pair(2, 6, 9);
  const Tensor whole = model->Logits(batch, {});  // [2, 9, V]
  for (const int64_t chunk : {1, 4}) {
    const auto state = model->NewState(2);
    model->ReadSource(batch.ids, Tensor(), state.get());
    std::vector<Tensor> parts;
    for (int64_t t = 0; t < 9; t += chunk)
      parts.push_back(model->Decode(
          Slice(batch.decoder_ids, 1, t, std::min<int64_t>(chunk, 9 - t)),
          Tensor(), state.get()));
    EXPECT_TRUE(Near(Concat(parts, 1), whole, 1e-12));
  }
}

// Rows of different lengths together, and each alone.
TEST(EncoderDecoder, PaddingOnEitherSideChangesNothing) {
  const auto model = EncoderDecoderSpec().Build(DType::kF64, kVocabulary);
  const Batch alone = Pair(1, 4, 3);
  const Tensor expected = model->Logits(alone, {});  // [1, 3, V]
  for (const bool left : {false, true}) {
    Batch padded;
    padded.ids = Tensor::Zeros({1, 7}, DType::kI32);
    padded.segments = Tensor::Full({1, 7}, DType::kI32, -1);
    for (int64_t t = 0; t < 4; ++t) {
      padded.ids.Set(left ? t + 3 : t, alone.ids.At(t));
      padded.segments.Set(left ? t + 3 : t, 0);
    }
    padded.decoder_ids = alone.decoder_ids;
    EXPECT_TRUE(Near(model->Logits(padded, {}), expected, 1e-12));
  }
}

TEST(EncoderDecoder, GradientsReachEveryParameter) {
  const auto model = EncoderDecoderSpec().Build(DType::kF64, kVocabulary);
  Batch batch = Pair(2, 4, 3);
  batch.targets = RandomIds(2, 3, 3);
  batch.weights = Tensor::Full({2, 3}, DType::kF32, 1);
  batch.tokens = 6;
  model->parameters().RequireGradients(true);
  std::vector<Tensor> leaves;
  for (const auto& parameter : model->parameters().parameters())
    leaves.push_back(parameter->compute);
  EXPECT_TRUE(GradientsMatch([&] { return model->Loss(batch, {}).total; },
                             leaves, 1e-6, 3));
}

TEST(EncoderDecoder, GatherReordersTheRowsOfAState) {
  const auto model = EncoderDecoderSpec().Build(DType::kF64, kVocabulary);
  const Batch batch = Pair(3, 5, 4);
  const Tensor whole = model->Logits(batch, {});  // [3, 4, V]
  const auto state = model->NewState(3);
  model->ReadSource(batch.ids, Tensor(), state.get());
  model->Decode(Slice(batch.decoder_ids, 1, 0, 3), Tensor(), state.get());
  state->Gather({2, 0});
  const Tensor last = Slice(batch.decoder_ids, 1, 3, 1);  // [3, 1]
  const Tensor picked = Concat({Slice(last, 0, 2, 1), Slice(last, 0, 0, 1)}, 0);
  const Tensor logits = model->Decode(picked, Tensor(), state.get());
  const Tensor ends = Slice(whole, 1, 3, 1);  // [3, 1, V]
  EXPECT_TRUE(Near(
      logits, Concat({Slice(ends, 0, 2, 1), Slice(ends, 0, 0, 1)}, 0), 1e-12));
}

TEST(EncoderOnly, EveryTokenSeesEveryOther) {
  const auto model = EncoderSpec().Build(DType::kF32, kVocabulary);
  Batch batch;
  batch.ids = RandomIds(1, 6, 1);
  const Tensor before = model->Logits(batch, {});
  for (int64_t t = 0; t < 6; ++t) {
    Batch other;
    other.ids = Changed(batch.ids, t);
    const Tensor after = model->Logits(other, {});
    for (int64_t i = 0; i < 6; ++i) EXPECT_NE(Row(before, i), Row(after, i));
  }
  EXPECT_FALSE(model->Generates());
}

TEST(EncoderOnly, ClassifiesWhatIsPooled) {
  for (const char* pooling : {"CLASS_TOKEN", "MEAN", "LAST"}) {
    TestSpec spec = EncoderSpec();
    spec.objective = "[objective/classification] {}";
    spec.assembly =
        std::string(
            "encoder_only { classification_head { classes: 3 pooling: ") +
        pooling + " pooler: true } }";
    const auto model = spec.Build(DType::kF64, kVocabulary);
    Batch batch;
    batch.ids = RandomIds(1, 4, 1);
    const Tensor expected = model->Logits(batch, {});
    ASSERT_EQ(expected.shape(), Shape({1, 3}));
    Batch padded;
    padded.ids = Concat({batch.ids, RandomIds(1, 2, 5)}, 1);
    padded.segments = Tensor::FromI32({1, 6}, {0, 0, 0, 0, -1, -1});
    EXPECT_TRUE(Near(model->Logits(padded, {}), expected, 1e-12)) << pooling;
  }
}

// Copies the weights of one model to another whose paths differ by a prefix.
void CopyWeights(const Model& from, const std::string& prefix,
                 const std::string& to_prefix, Model* to) {
  for (const auto& parameter : from.parameters().parameters()) {
    std::string path = parameter->path;
    if (absl::StartsWith(path, prefix))
      path = to_prefix + path.substr(prefix.size());
    ParameterData* target = to->parameters().Find(path);
    ASSERT_NE(target, nullptr) << path;
    for (int64_t i = 0; i < target->master.size(); ++i)
      target->master.Set(i, parameter->master.At(i));
  }
  to->parameters().Refresh();
}

TEST(Identities, APrefixOfEverythingMakesADecoderAnEncoder) {
  TestSpec spec = EncoderSpec();
  const auto encoder = spec.Build(DType::kF64, kVocabulary);
  spec.assembly = "decoder_only {}";
  spec.objective = "[objective/causal_lm] {}";
  const auto decoder = spec.Build(DType::kF64, kVocabulary);
  CopyWeights(*encoder, "encoder.", "decoder.", decoder.get());
  Batch batch;
  batch.ids = RandomIds(2, 7, 1);
  const Tensor expected = encoder->Logits(batch, {});
  EXPECT_FALSE(Near(decoder->Logits(batch, {}), expected, 1e-6));
  batch.prefix = Tensor::FromI32({2}, {7, 7});
  EXPECT_TRUE(Near(decoder->Logits(batch, {}), expected, 1e-12));
}

// Tokens after the prefix see no future; those in it see each other.
TEST(Identities, APrefixSeesItselfOnly) {
  TestSpec spec;
  spec.position = "[position/rope] {}";
  const auto model = spec.Build(DType::kF32, kVocabulary);
  Batch batch;
  batch.ids = RandomIds(1, 8, 1);
  batch.prefix = Tensor::FromI32({1}, {3});
  const Tensor before = model->Logits(batch, {});
  for (int64_t t = 0; t < 8; ++t) {
    Batch other = batch;
    other.ids = Changed(batch.ids, t);
    const Tensor after = model->Logits(other, {});
    for (int64_t i = 0; i < 8; ++i) {
      const bool seen = t <= i || (t < 3 && i < 3);
      EXPECT_EQ(Row(before, i) != Row(after, i), seen) << i << " " << t;
    }
  }
}

TEST(Identities, SharedLayersEqualCopies) {
  TestSpec spec;
  spec.layers = 3;
  const auto copies = spec.Build(DType::kF64, kVocabulary);
  spec.group_fields = "share_weights: true";
  const auto shared = spec.Build(DType::kF64, kVocabulary);
  EXPECT_LT(shared->parameters().Count(), copies->parameters().Count());
  EXPECT_EQ(shared->Count(8).total.parameters, shared->parameters().Count());
  for (const std::string layer : {"1", "2"})
    for (const auto& parameter : shared->parameters().parameters()) {
      if (!absl::StartsWith(parameter->path, "decoder.0.")) continue;
      ParameterData* copy = copies->parameters().Find(
          "decoder." + layer + parameter->path.substr(9));
      ASSERT_NE(copy, nullptr) << parameter->path;
      for (int64_t i = 0; i < copy->master.size(); ++i)
        copy->master.Set(i, parameter->master.At(i));
    }
  copies->parameters().Refresh();
  Batch batch;
  batch.ids = RandomIds(2, 9, 1);
  EXPECT_TRUE(SameBits(shared->Logits(batch, {}), copies->Logits(batch, {})));
}

TEST(Identities, ALayerWithoutPositionIsOneOfAStackWithoutOrder) {
  TestSpec spec;
  const auto none = spec.Build(DType::kF64, kVocabulary);
  spec.position = "[position/rope] {}";
  spec.attention_fields = "position: false";
  const auto rope = spec.Build(DType::kF64, kVocabulary);
  Batch batch;
  batch.ids = RandomIds(2, 9, 1);
  EXPECT_TRUE(SameBits(none->Logits(batch, {}), rope->Logits(batch, {})));
}

TEST(Identities, AlibiWithZeroSlopesIsNoPosition) {
  TestSpec spec;
  const auto none = spec.Build(DType::kF64, kVocabulary);
  spec.position = "[position/alibi] {}";
  const auto biased = spec.Build(DType::kF64, kVocabulary);
  spec.position = "[position/alibi] { max_exponent: 4096 }";  // 2^-2048 = 0
  const auto zero = spec.Build(DType::kF64, kVocabulary);
  Batch batch;
  batch.ids = RandomIds(2, 9, 1);
  const Tensor expected = none->Logits(batch, {});
  EXPECT_TRUE(SameBits(zero->Logits(batch, {}), expected));
  EXPECT_FALSE(Near(biased->Logits(batch, {}), expected, 1e-6));
}

TEST(Identities, SoftCappedLogitsAreTheTanhOfTheOthers) {
  TestSpec spec;
  const auto plain = spec.Build(DType::kF64, kVocabulary);
  spec.assembly = "decoder_only { logit_soft_cap: 0.5 }";
  const auto capped = spec.Build(DType::kF64, kVocabulary);
  Batch batch;
  batch.ids = RandomIds(1, 5, 1);
  const Tensor l = plain->Logits(batch, {});
  const Tensor c = capped->Logits(batch, {});
  for (int64_t i = 0; i < l.size(); ++i)
    EXPECT_NEAR(c.At(i), 0.5 * std::tanh(l.At(i) / 0.5), 1e-12);
}

// A softmax, and the cap before it, would feel logits rounded to bf16.
TEST(Bf16, LogitsAreF32) {
  TestSpec spec;
  const auto plain = spec.Build(DType::kBF16, kVocabulary);
  spec.assembly = "decoder_only { logit_soft_cap: 0.5 }";
  const auto capped = spec.Build(DType::kBF16, kVocabulary);
  Batch batch;
  batch.ids = RandomIds(1, 5, 1);
  const Tensor l = plain->Logits(batch, {});
  const Tensor c = capped->Logits(batch, {});
  ASSERT_EQ(c.dtype(), DType::kF32);
  for (int64_t i = 0; i < l.size(); ++i)
    EXPECT_NEAR(c.At(i), 0.5 * std::tanh(l.At(i) / 0.5), 1e-6);
  TestSpec classes = EncoderSpec();
  classes.objective = "[objective/classification] {}";
  classes.assembly =
      "encoder_only { classification_head { classes: 3 pooling: MEAN } }";
  EXPECT_EQ(classes.Build(DType::kBF16, kVocabulary)->Logits(batch, {}).dtype(),
            DType::kF32);
}

TEST(Counts, OfEveryFamilyAddUpToTheStore) {
  for (const TestSpec& spec :
       {TestSpec(), EncoderSpec(), EncoderDecoderSpec()}) {
    const auto model = spec.Build(DType::kF32, kVocabulary);
    EXPECT_EQ(model->Count(8).total.parameters, model->parameters().Count());
  }
  TestSpec spec = EncoderSpec();
  spec.block_fields = "norm_placement: SANDWICH";
  spec.assembly =
      "encoder_only { embedding { token_types: 2 norm { [norm/layer_norm] {} } "
      "} transform { norm { [norm/layer_norm] {} } } }";
  const auto model = spec.Build(DType::kF32, kVocabulary);
  EXPECT_EQ(model->Count(8).total.parameters, model->parameters().Count());
}

}  // namespace
}  // namespace archlab
