// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every stack must do, for every position and every attention that the
// catalogue has: see no future, decode with a cache as without, ignore padding.

#include "model/model.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "archlab/ops.h"
#include "archlab/random.h"
#include "model/test_spec.h"

namespace archlab {
namespace {

constexpr int64_t kVocabulary = 11;

// A batch of arbitrary ids.
Batch RandomBatch(int64_t rows, int64_t tokens, uint64_t seed) {
  Random random(seed, 0, 0);
  Batch batch;
  batch.ids = Tensor::Empty({rows, tokens}, DType::kI32);      // [B, T]
  batch.targets = Tensor::Empty({rows, tokens}, DType::kI32);  // [B, T]
  for (int64_t i = 0; i < batch.ids.size(); ++i) {
    batch.ids.data<int32_t>()[i] = random.Below(kVocabulary);
    batch.targets.data<int32_t>()[i] = random.Below(kVocabulary);
  }
  batch.weights = Tensor::Full({rows, tokens}, DType::kF32, 1);  // [B, T]
  batch.tokens = rows * tokens;
  return batch;
}

// Configs of components that a spec must tell more, or whose defaults are too
// wide for a few tokens. All others are tested as they are.
std::string ConfigOf(const std::string& component) {
  static const auto& configs = *new std::map<std::string, std::string>{
      {"attention/sliding_window", "window: 5"},
      {"attention/block_sparse",
       "block: 2 window: 1 global_tokens: 1 random_blocks: 1"},
      {"attention/top_k", "k: 4"},
      {"attention/moe_heads",
       "core { [attention/dense] {} } router { [router/top_k] { k: 1 } }"},
      {"feed_forward/moe",
       "experts: 3 expert { [feed_forward/mlp] {} } "
       "router { [router/top_k] { k: 2 } } shared_experts: 1"},
  };
  const auto found = configs.find(component);
  return found == configs.end() ? std::string() : found->second;
}

// Whether a spec could leave the config empty.
bool HasDefaults(const google::protobuf::Descriptor* type) {
  for (int i = 0; i < type->field_count(); ++i)
    if (type->field(i)->options().GetExtension(required)) return false;
  return true;
}

// The components of a kind that may stand in a causal stack.
std::vector<std::string> CausalParts(const std::string& kind) {
  std::vector<std::string> parts;
  for (const std::string& component : BuiltCatalogue().Names(kind)) {
    const std::string name = component.substr(kind.size() + 1);
    if (BuiltCatalogue().Find(kind, name)->traits().causal() &&
        (!ConfigOf(component).empty() ||
         HasDefaults(BuiltCatalogue().ConfigType(kind, name))))
      parts.push_back(component);
  }
  return parts;
}

const Traits& TraitsOf(const std::string& component) {
  const size_t slash = component.find('/');
  return BuiltCatalogue()
      .Find(component.substr(0, slash), component.substr(slash + 1))
      ->traits();
}

// The position, the sequence part and the feed-forward part of one case.
struct Parts {
  std::string position, sequence, feed_forward;
};

std::vector<Parts> AllParts() {
  const std::string none = "position/none", mlp = "feed_forward/mlp";
  std::vector<Parts> all;
  for (const std::string& position : BuiltCatalogue().Names("position"))
    for (const std::string& attention : CausalParts("attention"))
      if (!TraitsOf(position).score_bias() || TraitsOf(attention).score_bias())
        all.push_back({position, attention, mlp});
  for (const std::string& mixer : CausalParts("mixer"))
    all.push_back({none, mixer, mlp});
  for (const std::string& feed_forward : CausalParts("feed_forward"))
    if (feed_forward != mlp)  // is in all the others
      all.push_back({none, "attention/dense", feed_forward});
  return all;
}

std::string CaseName(const testing::TestParamInfo<Parts>& info) {
  std::string name = info.param.position + "_" + info.param.sequence;
  if (info.param.feed_forward != "feed_forward/mlp")
    name += "_" + info.param.feed_forward;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

class EveryStack : public testing::TestWithParam<Parts> {
 protected:
  std::unique_ptr<Model> Make(DType compute) const {
    const auto part = [](const std::string& component) {
      return "[" + component + "] {" + ConfigOf(component) + "}";
    };
    TestSpec spec;
    spec.position = part(GetParam().position);
    spec.feed_forward = part(GetParam().feed_forward);
    if (GetParam().sequence.rfind("mixer/", 0) == 0)
      spec.mixer = part(GetParam().sequence);
    else
      spec.attention = part(GetParam().sequence);
    return spec.Build(compute, kVocabulary);
  }
  // Whether all parts decode with a cache as without.
  bool Cacheable() const {
    return TraitsOf(GetParam().sequence).cacheable() &&
           TraitsOf(GetParam().feed_forward).cacheable();
  }
};

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryStack, testing::ValuesIn(AllParts()),
                         CaseName);

// The elements of x from the i-th on.
const char* Bytes(const Tensor& x, int64_t i) {
  return static_cast<const char*>(x.raw()) + i * DTypeBytes(x.dtype());
}

TEST_P(EveryStack, SeesNoFuture) {
  // Experts multiply as many rows as have come to them, and the fast products
  // of other numbers of rows round differently: there the bits are those of
  // f64.
  const bool grouped = GetParam().feed_forward != "feed_forward/mlp";
  const auto model = Make(grouped ? DType::kF64 : DType::kF32);
  Batch batch = RandomBatch(2, 16, 1);
  const Tensor before = model->Logits(batch, {});  // [B, T, V]
  for (const int64_t t : {1, 7, 15}) {
    Batch changed = batch;
    changed.ids = batch.ids.Clone();
    for (int64_t b = 0; b < 2; ++b)
      for (int64_t later = t; later < 16; ++later)
        changed.ids.Set(
            b * 16 + later,
            static_cast<int64_t>(changed.ids.At(b * 16 + later) + 1) %
                kVocabulary);
    const Tensor after = model->Logits(changed, {});  // [B, T, V]
    bool later_differs = false;
    for (int64_t b = 0; b < 2; ++b) {
      const int64_t row = b * 16 * kVocabulary;
      EXPECT_EQ(std::memcmp(Bytes(before, row), Bytes(after, row),
                            t * kVocabulary * DTypeBytes(before.dtype())),
                0)
          << "a change of token " << t << " reached the logits before it";
      later_differs |=
          before.At(row + t * kVocabulary) != after.At(row + t * kVocabulary);
    }
    EXPECT_TRUE(later_differs);
  }
}

// The leading tokens of a prefix see each other, those after it no future.
TEST_P(EveryStack, APrefixSeesItself) {
  const std::string sequence = GetParam().sequence;
  if (sequence.rfind("mixer/", 0) == 0 && !TraitsOf(sequence).prefix()) return;
  const auto model = Make(DType::kF64);
  Batch batch = RandomBatch(1, 8, 1);
  batch.prefix = Tensor::FromI32({1}, {3});
  const Tensor before = model->Logits(batch, {});  // [1, T, V]
  for (const int64_t t : {2, 5}) {
    Batch changed = batch;
    changed.ids = batch.ids.Clone();
    changed.ids.Set(t, static_cast<int64_t>(batch.ids.At(t) + 1) % kVocabulary);
    const Tensor after = model->Logits(changed, {});
    for (int64_t i = 0; i < t; ++i)
      EXPECT_EQ(std::memcmp(Bytes(before, i * kVocabulary),
                            Bytes(after, i * kVocabulary),
                            kVocabulary * sizeof(double)) != 0,
                t < 3)
          << "token " << t << ", logits of " << i;
  }
}

// Logits of all tokens, read in chunks of `chunk` through a cache.
Tensor Cached(Model& model, const Tensor& ids, int64_t chunk) {
  const auto state = model.NewState(ids.dim(0));
  std::vector<Tensor> parts;
  for (int64_t t = 0; t < ids.dim(1); t += chunk)
    parts.push_back(
        model.Decode(Slice(ids, 1, t, std::min(chunk, ids.dim(1) - t)),
                     Tensor(), state.get()));
  EXPECT_EQ(state->tokens(), ids.dim(1));
  EXPECT_GT(state->bytes(), 0);
  return Concat(parts, 1);  // [B, T, V]
}

int64_t ArgMax(const Tensor& logits, int64_t row) {
  int64_t best = 0;
  for (int64_t v = 1; v < kVocabulary; ++v)
    if (logits.At(row * kVocabulary + v) > logits.At(row * kVocabulary + best))
      best = v;
  return best;
}

TEST_P(EveryStack, CachedEqualsUncached) {
  if (!Cacheable()) return;
  for (const DType compute : {DType::kF64, DType::kF32}) {
    const auto model = Make(compute);
    // Past the window (5) and, where the position allows, the trained length.
    const int64_t tokens =
        model->MaxTokens() < 0 ? 24 : std::min<int64_t>(model->MaxTokens(), 24);
    const Batch batch = RandomBatch(2, tokens, 2);
    const Tensor whole = model->Logits(batch, {});  // [B, T, V]
    double largest = 0;
    for (int64_t i = 0; i < whole.size(); ++i)
      largest = std::max(largest, std::abs(whole.At(i)));
    for (const int64_t chunk : {1, 3, 7}) {
      const Tensor cached = Cached(*model, batch.ids, chunk);  // [B, T, V]
      const double bound = (compute == DType::kF64 ? 1e-12 : 1e-4) * largest;
      for (int64_t i = 0; i < whole.size(); ++i)
        ASSERT_NEAR(whole.At(i), cached.At(i), bound) << "chunk " << chunk;
      if (compute != DType::kF64) continue;
      for (int64_t row = 0; row < 2 * tokens; ++row)
        ASSERT_EQ(ArgMax(whole, row), ArgMax(cached, row));
    }
  }
}

TEST_P(EveryStack, IgnoresPadding) {
  const auto model = Make(DType::kF64);
  const int64_t tokens = 9;
  const Batch batch = RandomBatch(1, tokens, 3);
  const Tensor alone = model->Logits(batch, {});  // [1, T, V]
  for (const int64_t left : {0, 4}) {
    const int64_t padded = tokens + 4;
    Batch wide;
    wide.ids = Tensor::Zeros({1, padded}, DType::kI32);
    wide.segments = Tensor::Full({1, padded}, DType::kI32, -1);
    for (int64_t t = 0; t < tokens; ++t) {
      wide.ids.Set(left + t, batch.ids.At(t));
      wide.segments.Set(left + t, 0);
    }
    const Tensor with = model->Logits(wide, {});  // [1, T + 4, V]
    for (int64_t i = 0; i < alone.size(); ++i)
      ASSERT_NEAR(alone.At(i), with.At(left * kVocabulary + i), 1e-12);
  }
}

TEST_P(EveryStack, PackedDocumentsAreSeparate) {
  const auto model = Make(DType::kF64);
  const Batch first = RandomBatch(1, 6, 4), second = RandomBatch(1, 5, 5);
  const Tensor a = model->Logits(first, {}), b = model->Logits(second, {});
  for (const int64_t gap : {0, 2}) {  // padding between them
    Batch packed;
    packed.ids = Concat({first.ids, RandomBatch(1, 2, 9).ids, second.ids},
                        1);  // [1, 13]
    if (gap == 0) packed.ids = Concat({first.ids, second.ids}, 1);
    packed.segments = Tensor::Zeros({1, 11 + gap}, DType::kI32);
    for (int64_t t = 6; t < 11 + gap; ++t)
      packed.segments.Set(t, t < 6 + gap ? -1 : 1);
    const Tensor together = model->Logits(packed, {});  // [1, 11 + gap, V]
    for (int64_t i = 0; i < a.size(); ++i)
      ASSERT_NEAR(together.At(i), a.At(i), 1e-12);
    const int64_t begin = together.size() - b.size();
    for (int64_t i = 0; i < b.size(); ++i)
      ASSERT_NEAR(together.At(begin + i), b.At(i), 1e-12);
  }
}

// Central differences of the loss in a few elements of every parameter.
TEST_P(EveryStack, GradientsAreRight) {
  const auto model = Make(DType::kF64);
  const Batch batch = RandomBatch(2, 7, 6);
  const auto loss = [&] { return model->Loss(batch, {}).total.At(0); };
  model->parameters().RequireGradients(true);
  Backward(model->Loss(batch, {}).total);
  std::vector<Tensor> gradients;
  for (const auto& parameter : model->parameters().parameters())
    gradients.push_back(model->parameters().Gradient(*parameter));
  model->parameters().RequireGradients(false);
  for (size_t p = 0; p < gradients.size(); ++p) {
    ParameterData& parameter = *model->parameters().parameters()[p];
    const int64_t i = parameter.shape.size() / 2;
    const double value = parameter.master.At(i), h = 1e-5;
    parameter.master.Set(i, value + h);
    const double above = loss();
    parameter.master.Set(i, value - h);
    const double below = loss();
    parameter.master.Set(i, value);
    const double expected = (above - below) / (2 * h);
    // What no token reached, such as an idle expert, has no gradient.
    const double gradient = gradients[p].defined() ? gradients[p].At(i) : 0;
    EXPECT_NEAR(gradient, expected, 1e-6 * std::max(1.0, std::abs(expected)))
        << parameter.path;
  }
}

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
