// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What the options of blocks, groups, embeddings and cross-attention do.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "archlab/ops.h"
#include "archlab/random.h"
#include "archlab/testing.h"
#include "model/every_stack.h"
#include "model/model.h"
#include "model/test_spec.h"

namespace archlab {
namespace {

TestSpec EncoderDecoderSpec() {
  TestSpec spec;
  spec.position = "[position/rope] {}";
  spec.assembly = "encoder_decoder {}";
  spec.objective = "[objective/seq2seq] {}";
  return spec;
}

// Texts of so many tokens, and sources where there is an encoder.
Batch BatchFor(const Model& model, int64_t rows, int64_t tokens,
               int64_t source_tokens = 6) {
  Batch batch = RandomBatch(rows, tokens, 1);
  if (!model.HasEncoder()) return batch;
  batch.decoder_ids = batch.ids;
  batch.ids = RandomBatch(rows, source_tokens, 2).ids;
  return batch;
}

// What the model goes on with, or reads.
Tensor& Text(Batch& batch) {
  return batch.decoder_ids.defined() ? batch.decoder_ids : batch.ids;
}

// Whether the logits [B, T, V] of token t differ.
bool DifferAt(int64_t t, const Tensor& a, const Tensor& b) {
  return !bool(SameBits(Slice(a, 1, t, 1), Slice(b, 1, t, 1)));
}

// The ids with the one at (0, t) changed.
Tensor Changed(const Tensor& ids, int64_t t) {
  Tensor other = ids.Clone();
  other.data<int32_t>()[t] = (other.data<int32_t>()[t] + 1) % kVocabulary;
  return other;
}

bool Has(const Model& model, const std::string& path) {
  return model.parameters().Find(path) != nullptr;
}

// The parameter that the model computes with. In f64 it is the master: writing
// to it changes the model.
Tensor Value(const Model& model, const std::string& path) {
  ARCHLAB_CHECK(Has(model, path)) << path;
  return model.parameters().Find(path)->compute;
}

void SetAll(const Model& model, const std::string& path, double value) {
  Tensor all = Value(model, path);
  for (int64_t i = 0; i < all.size(); ++i) all.Set(i, value);
}

void Assign(const Tensor& from, Tensor to) {
  ARCHLAB_CHECK_EQ(from.shape(), to.shape());
  for (int64_t i = 0; i < to.size(); ++i) to.Set(i, from.At(i));
}

// Another vector in a row of [V, C]; not one that a norm takes for the old one.
void ChangeRow(const Tensor& table, int64_t row) {
  Tensor vector = table.Rows(row, 1);  // a view
  for (int64_t c = 0; c < table.dim(1); ++c)
    vector.Set(c, vector.At(c) + 0.1 * c);
}

// Moves the parameters of at least this rank (2: leaves norms plain) away from
// their small initial values: equal paths by equal numbers, in all models.
void Scatter(const Model& model, int least_rank = 1) {
  for (const auto& parameter : model.parameters().parameters()) {
    if (parameter->shape.rank() < least_rank) continue;
    Random random(1, 0, SiteHash(parameter->path));
    for (int64_t i = 0; i < parameter->compute.size(); ++i)
      parameter->compute.Set(i,
                             parameter->compute.At(i) + 0.3 * random.Normal());
  }
}

std::unique_ptr<Model> Scattered(const TestSpec& spec, int least_rank = 1) {
  auto model = spec.Build(DType::kF64, kVocabulary);
  Scatter(*model, least_rank);
  return model;
}

// Every parameter has a gradient, and it is right.
void ExpectGradients(Model& model, const Batch& batch) {
  model.parameters().RequireGradients(true);
  std::vector<Tensor> leaves;
  for (const auto& parameter : model.parameters().parameters())
    leaves.push_back(parameter->compute);
  EXPECT_TRUE(GradientsMatch([&] { return model.Loss(batch, {}).total; },
                             leaves, 1e-5, 2));
}

void ExpectCounts(const Model& model) {
  EXPECT_EQ(model.Count(8).total.parameters, model.parameters().Count());
}

// Parts of a block from the model's parameters, for sequences of one token:
// what attention gives is that token's value.
struct Hand {
  using Part = std::function<Tensor(const Tensor&)>;
  const Model& model;
  std::string path, place;  // "decoder.0.", "PRE"

  Tensor Normed(const Tensor& x, const std::string& norm) const {
    return LayerNorm(x, Value(model, path + norm + ".weight"),
                     Value(model, path + norm + ".bias"), 1e-5);
  }
  Tensor Times(const Tensor& x, const std::string& layer) const {
    return Linear(x, Value(model, path + layer + ".weight"), Tensor());
  }
  Tensor Attended(const Tensor& x, const std::string& part) const {
    return Times(Times(x, part + ".v"), part + ".out");
  }
  Tensor Fed(const Tensor& x) const {
    return Times(GeluErf(Times(x, "feed_forward.in")), "feed_forward.out");
  }
  Tensor Residual(const Tensor& x, const std::string& role,
                  const Part& part) const {
    if (place == "POST") return Normed(x + part(x), role + "_norm");
    const Tensor y = part(Normed(x, role + "_norm"));
    return x + (place == "PRE" ? y : Normed(y, role + "_out_norm"));
  }
  // All parts, with cross-attention to `memory` where it is defined.
  Tensor Block(const Tensor& x, const Tensor& memory, bool parallel) const {
    const auto attention = [&](const Tensor& h) {
      return Attended(h, "attention");
    };
    const auto cross = [&](const Tensor&) {
      return Attended(memory, "cross_attention");
    };
    const auto feed = [&](const Tensor& h) { return Fed(h); };
    if (parallel)
      return Residual(x, "attention", [&](const Tensor& h) {
        const Tensor y = attention(h) + feed(h);
        return memory.defined() ? y + cross(h) : y;
      });
    Tensor y = Residual(x, "attention", attention);
    if (memory.defined()) y = Residual(y, "cross_attention", cross);
    return Residual(y, "feed_forward", feed);
  }
};

class BlockFormula : public testing::TestWithParam<const char*> {
 protected:
  // Compares the logits of one block with those composed by hand.
  static void Check(TestSpec spec, const std::string& parallel) {
    spec.layers = 1;
    spec.block_fields = absl::StrCat("norm_placement: ", GetParam(),
                                     " parallel_residual: ", parallel);
    const auto model = Scattered(spec);
    ExpectCounts(*model);
    const Tensor table = Value(*model, "embedding.weight");
    Batch batch = BatchFor(*model, 5, 1, 1);
    const auto stack = [&](const std::string& name, const Tensor& ids,
                           const Tensor& memory) {
      const Hand block = {*model, name + ".0.", GetParam()};
      const Tensor y =
          block.Block(Embed(table, ids), memory, parallel == "true");
      return Hand{*model, name + ".", ""}.Normed(y, "final_norm");
    };
    Tensor memory;
    if (model->HasEncoder()) memory = stack("encoder", batch.ids, Tensor());
    const Tensor y = stack("decoder", Text(batch), memory);  // [B, 1, C]
    EXPECT_TRUE(
        Near(model->Logits(batch, {}), Linear(y, table, Tensor()), 1e-12))
        << spec.block_fields;
  }
  // Logits of a model with plain norms, where a part of both layers ("": none)
  // adds nothing.
  static Tensor Without(const std::string& part, const std::string& parallel) {
    TestSpec spec;
    spec.block_fields = absl::StrCat("norm_placement: ", GetParam(),
                                     " parallel_residual: ", parallel);
    const auto model = Scattered(spec, 2);
    for (const std::string layer : {"decoder.0.", "decoder.1."})
      if (!part.empty()) SetAll(*model, layer + part + ".out.weight", 0);
    return model->Logits(RandomBatch(2, 9, 1), {});
  }
};

INSTANTIATE_TEST_SUITE_P(NormPlacement, BlockFormula,
                         testing::Values("PRE", "POST", "SANDWICH"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

TEST_P(BlockFormula, IsThatComposedByHand) {
  for (const char* parallel : {"false", "true"}) {
    Check(TestSpec(), parallel);
    Check(EncoderDecoderSpec(), parallel);
  }
}

TEST_P(BlockFormula, InParallelThePartsDoNotHearEachOther) {
  EXPECT_FALSE(Near(Without("", "true"), Without("", "false"), 1e-3));
  if (GetParam() == std::string("POST")) return;  // one norm instead of two
  for (const std::string part : {"attention", "feed_forward"})
    EXPECT_TRUE(Near(Without(part, "true"), Without(part, "false"), 1e-12))
        << part;
}

TEST(Embeddings, AreScaledByTheRootOfTheWidth) {
  TestSpec spec;
  spec.width = 24;
  spec.assembly = "decoder_only { tied_embeddings: false }";
  const auto plain = Scattered(spec);
  spec.assembly =
      "decoder_only { tied_embeddings: false "
      "embedding { scale_by_sqrt_width: true } }";
  const auto scaled = Scattered(spec);
  const Batch batch = RandomBatch(2, 9, 1);
  const Tensor expected = scaled->Logits(batch, {});
  EXPECT_FALSE(Near(plain->Logits(batch, {}), expected, 1e-3));
  const Tensor table = Value(*plain, "embedding.weight");
  Assign(table * std::sqrt(24.0), table);
  EXPECT_TRUE(Near(plain->Logits(batch, {}), expected, 1e-12));
}

// Of logits [B, T, V].
void ExpectOnlyColumnDiffers(const Tensor& before, const Tensor& after,
                             int64_t column) {
  for (int64_t i = 0; i < before.size(); ++i)
    EXPECT_EQ(before.At(i) != after.At(i), i % kVocabulary == column) << i;
}

TEST(Embeddings, AnUntiedHeadHasWeightsOfItsOwn) {
  TestSpec spec;
  const auto tied = Scattered(spec);
  EXPECT_FALSE(Has(*tied, "head.weight"));
  spec.assembly = "decoder_only { tied_embeddings: false }";
  const auto own = Scattered(spec);
  ExpectCounts(*own);
  EXPECT_EQ(own->parameters().Count() - tied->parameters().Count(),
            kVocabulary * spec.width);
  Batch batch;
  batch.ids = Tensor::FromI32({1, 4}, {3, 1, 4, 1});
  const Tensor of_tied = tied->Logits(batch, {});
  const Tensor of_own = own->Logits(batch, {});
  // Token 10 is not read.
  ChangeRow(Value(*tied, "embedding.weight"), 10);
  ExpectOnlyColumnDiffers(of_tied, tied->Logits(batch, {}), 10);
  ChangeRow(Value(*own, "embedding.weight"), 10);
  EXPECT_TRUE(SameBits(own->Logits(batch, {}), of_own));
  // Token 3 is, but not from the head.
  ChangeRow(Value(*own, "head.weight"), 3);
  ExpectOnlyColumnDiffers(of_own, own->Logits(batch, {}), 3);
}

TEST(Embeddings, EncoderAndDecoderMayHaveTheirOwn) {
  TestSpec spec = EncoderDecoderSpec();
  const auto shared = Scattered(spec);
  EXPECT_FALSE(Has(*shared, "decoder_embedding.weight"));
  spec.assembly = "encoder_decoder { shared_embeddings: false }";
  const auto own = Scattered(spec);
  ExpectCounts(*own);
  const Tensor source = Value(*own, "embedding.weight");
  const Tensor target = Value(*own, "decoder_embedding.weight");
  Batch batch;
  batch.ids = Tensor::FromI32({1, 3}, {1, 2, 3});
  batch.decoder_ids = Tensor::FromI32({1, 2}, {4, 5});
  Assign(source, target);
  const Tensor before = own->Logits(batch, {});
  EXPECT_TRUE(Near(before, shared->Logits(batch, {}), 1e-12));
  ChangeRow(source, 5);  // the target's token
  EXPECT_TRUE(SameBits(own->Logits(batch, {}), before));
  ChangeRow(target, 2);  // the source's, but the head is tied to this table
  const Tensor after = own->Logits(batch, {});
  ExpectOnlyColumnDiffers(before, after, 2);
  ChangeRow(source, 2);
  EXPECT_FALSE(Near(own->Logits(batch, {}), after, 1e-3));
}

TEST(Embeddings, OfTokenTypesAreAdded) {
  TestSpec spec;
  spec.assembly = "encoder_only { embedding { token_types: 2 } }";
  spec.objective = "[objective/masked_lm] {}";
  const auto model = Scattered(spec);
  Batch batch = RandomBatch(1, 5, 1);
  const Tensor without = model->Logits(batch, {});
  batch.token_types = Tensor::Zeros({1, 5}, DType::kI32);
  EXPECT_TRUE(SameBits(model->Logits(batch, {}), without));
  batch.token_types = Tensor::FromI32({1, 5}, {0, 0, 1, 1, 1});
  EXPECT_FALSE(Near(model->Logits(batch, {}), without, 1e-3));
  const Tensor types = Value(*model, "embedding.types");  // [2, C]
  Assign(types.Rows(0, 1), types.Rows(1, 1));
  EXPECT_TRUE(SameBits(model->Logits(batch, {}), without));
}

// An image classifier, or, with patches of no elements, one of texts.
std::unique_ptr<Model> Classifier(const std::string& pooling,
                                  int64_t patch_elements) {
  TestSpec spec;
  spec.position = "[position/learned] {}";
  spec.objective = "[objective/classification] {}";
  spec.assembly = absl::StrCat(
      "encoder_only { classification_head { classes: 3 pooling: ", pooling,
      " } }");
  const ModelOptions options = {.compute = DType::kF64,
                                .vocabulary = kVocabulary,
                                .patch_elements = patch_elements};
  auto built = Model::Build(spec.Parse(), BuiltCatalogue(), options);
  ARCHLAB_CHECK(built.ok()) << built.status().message();
  std::unique_ptr<Model> model = std::move(built).value();
  Scatter(*model);
  return model;
}

TEST(Patches, AreAllSeenByTheClasses) {
  for (const std::string pooling : {"CLASS_TOKEN", "MEAN"}) {
    const auto model = Classifier(pooling, 5);
    EXPECT_FALSE(Has(*model, "embedding.weight"));
    ExpectCounts(*model);
    Batch batch;
    batch.patches = TestTensor({2, 6, 5}, DType::kF32, 1);  // [B, T, P]
    const Tensor before = model->Logits(batch, {});
    ASSERT_EQ(before.shape(), Shape({2, 3}));
    for (int64_t patch = 0; patch < 6; ++patch) {  // of the first image
      Batch other;
      other.patches = batch.patches.Clone();
      other.patches.Set(5 * patch, batch.patches.At(5 * patch) + 1);
      const Tensor after = model->Logits(other, {});
      for (int64_t i = 0; i < 6; ++i)
        EXPECT_EQ(before.At(i) != after.At(i), i < 3) << patch;
    }
    batch.targets = Tensor::FromI32({2}, {2, 0});
    batch.weights = Tensor::Full({2}, DType::kF32, 1);
    batch.tokens = 2;
    ExpectGradients(*model, batch);
  }
}

TEST(Patches, WithOneElementThatIsOneAreTokens) {
  const auto images = Classifier("MEAN", kVocabulary);
  const auto texts = Classifier("MEAN", 0);
  const Tensor weight = Value(*images, "embedding.patch.weight");  // [C, P]
  const Tensor bias = Value(*images, "embedding.patch.bias");      // [C]
  Assign(Transpose(weight) + bias, Value(*texts, "embedding.weight"));
  Batch text, image;
  text.ids = RandomBatch(2, 7, 1).ids;
  image.patches = Tensor::Zeros({2, 7, kVocabulary}, DType::kF32);
  for (int64_t i = 0; i < text.ids.size(); ++i)
    image.patches.Set(i * kVocabulary + text.ids.data<int32_t>()[i], 1);
  EXPECT_TRUE(Near(images->Logits(image, {}), texts->Logits(text, {}), 1e-12));
}

constexpr char kDense[] = "core { [attention/dense] {} } ";

// A block for group_fields: this, then a narrow feed-forward part.
std::string SecondBlock(const std::string& part) {
  return absl::StrCat("block { norm { [norm/layer_norm] {} } ", part,
                      " feed_forward { [feed_forward/mlp] { hidden: 8 } } } ");
}

// A window with order, then dense attention without, twice.
TestSpec TwoBlocks() {
  TestSpec spec;
  spec.position = "[position/rope] {}";
  spec.attention = "[attention/sliding_window] { window: 3 }";
  spec.group_fields = SecondBlock(
      absl::StrCat("attention { heads: 4 position: false ", kDense, "}"));
  return spec;
}

TEST(Group, ItsBlocksTakeTurns) {
  const auto model = Scattered(TwoBlocks());
  // Without the dense layers a token goes two tokens far in each window.
  for (const std::string layer : {"1", "3"})
    SetAll(*model, "decoder." + layer + ".attention.out.weight", 0);
  Batch batch = RandomBatch(1, 9, 1);
  const Tensor before = model->Logits(batch, {});
  batch.ids = Changed(batch.ids, 1);
  const Tensor after = model->Logits(batch, {});
  for (int64_t t = 0; t < 9; ++t)
    EXPECT_EQ(DifferAt(t, before, after), t >= 1 && t <= 5) << t;
}

TEST(Group, OnlyOneOfItsBlocksHasOrder) {
  TestSpec spec = TwoBlocks();
  const auto ordered = Scattered(spec);
  spec.position = "[position/none] {}";
  const auto plain = Scattered(spec);
  const Batch batch = RandomBatch(2, 9, 1);
  EXPECT_FALSE(
      Near(ordered->Logits(batch, {}), plain->Logits(batch, {}), 1e-3));
  for (const Model* model : {ordered.get(), plain.get()})
    for (const std::string layer : {"0", "2"})
      SetAll(*model, "decoder." + layer + ".attention.out.weight", 0);
  EXPECT_TRUE(SameBits(ordered->Logits(batch, {}), plain->Logits(batch, {})));
}

struct Case {
  std::string name;
  TestSpec spec;
  bool four_layers;
  std::string path;  // of a parameter of this shape
  Shape shape;
};

std::vector<Case> Cases() {
  const std::string in = ".feed_forward.in.weight";
  Case two = {"TwoBlocks", TwoBlocks(), true, "decoder.3" + in, {8, 16}};
  Case shared = {"SharedBlocks", two.spec, false, "decoder.1" + in, {8, 16}};
  shared.spec.group_fields += "share_weights: true";
  const std::string q = "decoder.1.cross_attention.q.weight";
  Case heads = {"CrossHeads", EncoderDecoderSpec(), false, q, {12, 16}};
  heads.spec.block_fields = absl::StrCat(
      "cross_attention { heads: 4 kv_heads: 2 head_dim: 3 bias: true ", kDense,
      "}");
  Case mixer = {"CrossAfterAMixer", EncoderDecoderSpec(), false, q, {8, 16}};
  mixer.spec.position = "[position/learned] {}";
  mixer.spec.mixer = "[mixer/linear] { heads: 2 }";
  mixer.spec.block_fields =
      absl::StrCat("cross_attention { heads: 4 head_dim: 2 ", kDense, "}");
  Case alone = {"CrossAlone", EncoderDecoderSpec(), true, q, {8, 16}};
  alone.spec.group_fields = SecondBlock(mixer.spec.block_fields);
  return {two, shared, heads, mixer, alone};
}

class Assembled : public testing::TestWithParam<Case> {
 protected:
  const std::unique_ptr<Model> model_ = Scattered(GetParam().spec);
};

INSTANTIATE_TEST_SUITE_P(Options, Assembled, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(Assembled, SeesNoFutureButTheWholeSource) {
  Batch batch = BatchFor(*model_, 1, 7);
  const Tensor before = model_->Logits(batch, {});  // [1, T, V]
  const auto expect_changed_from = [&](const Batch& other, int64_t from) {
    const Tensor after = model_->Logits(other, {});
    for (int64_t t = 0; t < 7; ++t)
      EXPECT_EQ(DifferAt(t, before, after), t >= from) << t << " and " << from;
  };
  for (int64_t t = 0; t < 7; ++t) {
    Batch other = batch;
    Text(other) = Changed(Text(batch), t);
    expect_changed_from(other, t);
  }
  for (int64_t t = 0; model_->HasEncoder() && t < batch.ids.dim(1); ++t) {
    Batch other = batch;
    other.ids = Changed(batch.ids, t);
    expect_changed_from(other, 0);
  }
}

TEST_P(Assembled, CachedEqualsWhole) {
  Batch batch = BatchFor(*model_, 2, 9);
  const Tensor whole = model_->Logits(batch, {});  // [B, T, V]
  ASSERT_TRUE(model_->Cacheable());
  for (const int64_t chunk : {1, 4}) {
    const auto state = model_->NewState(2);
    model_->ReadSource(batch.ids, Tensor(), state.get());
    std::vector<Tensor> parts;
    for (int64_t t = 0; t < 9; t += chunk)
      parts.push_back(model_->Decode(
          Slice(Text(batch), 1, t, std::min<int64_t>(chunk, 9 - t)), Tensor(),
          state.get()));
    EXPECT_TRUE(Near(Concat(parts, 1), whole, 1e-12)) << "chunks of " << chunk;
  }
}

TEST_P(Assembled, HasItsParametersAndTheirGradients) {
  ExpectGradients(*model_, BatchFor(*model_, 2, 4));
  ExpectCounts(*model_);
  EXPECT_EQ(Has(*model_, "decoder.2.feed_forward.in.weight"),
            GetParam().four_layers);
  EXPECT_EQ(Value(*model_, GetParam().path).shape(), GetParam().shape);
}

}  // namespace
}  // namespace archlab
