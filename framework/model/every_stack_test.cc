// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every stack must do, in training and in evaluation, for every component
// that the catalogue has: see no future, decode with a cache as without, ignore
// padding, and keep rows and packed documents apart.

#include "model/every_stack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "archlab/ops.h"
#include "model/model.h"

namespace archlab {
namespace {

class CausalStack : public testing::TestWithParam<StackCase> {};
class AnyStack : public testing::TestWithParam<StackCase> {};

INSTANTIATE_TEST_SUITE_P(Catalogue, CausalStack,
                         testing::ValuesIn(EveryStack(true)), CaseName);
INSTANTIATE_TEST_SUITE_P(Decoder, AnyStack, testing::ValuesIn(EveryStack(true)),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Encoder, AnyStack,
                         testing::ValuesIn(EveryStack(false)), CaseName);

constexpr bool kModes[] = {false, true};  // evaluation, training

// The elements of x from the i-th on.
const char* Bytes(const Tensor& x, int64_t i) {
  return static_cast<const char*>(x.raw()) + i * DTypeBytes(x.dtype());
}

// `ids` with other tokens from `t` on in every row.
Tensor ChangedFrom(const Tensor& ids, int64_t t) {
  Tensor changed = ids.Clone();
  const int64_t tokens = ids.dim(1);
  for (int64_t b = 0; b < ids.dim(0); ++b)
    for (int64_t i = b * tokens + t; i < (b + 1) * tokens; ++i)
      changed.Set(i, static_cast<int64_t>(ids.At(i) + 1) % kVocabulary);
  return changed;
}

TEST_P(CausalStack, SeesNoFuture) {
  // Experts multiply as many rows as have come to them, and the fast products
  // of other numbers of rows round differently: there the bits are those of
  // f64.
  const bool grouped = GetParam().feed_forward != "feed_forward/mlp";
  const auto model =
      BuildStack(GetParam(), grouped ? DType::kF64 : DType::kF32);
  const int64_t rows = BatchCoupled(GetParam()) ? 1 : 2;
  for (const bool training : kModes) {
    const PassOptions mode = {.training = training};
    const Batch batch = RandomBatch(rows, 16, 1);
    const Tensor before = model->Logits(batch, mode);  // [B, T, V]
    for (const int64_t t : {1, 7, 15}) {
      Batch changed = batch;
      changed.ids = ChangedFrom(batch.ids, t);
      const Tensor after = model->Logits(changed, mode);  // [B, T, V]
      bool later_differs = false;
      for (int64_t b = 0; b < rows; ++b) {
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
}

// The leading tokens of a prefix see each other, those after it no future.
TEST_P(CausalStack, APrefixSeesItself) {
  if (IsMixer(GetParam()) && !TraitsOf(GetParam().sequence).prefix()) return;
  const auto model = BuildStack(GetParam(), DType::kF64);
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

// As generation reads a prompt.
TEST_P(CausalStack, LastLogitsEqualThoseOfAll) {
  if (!Cacheable(GetParam())) return;
  const auto model = BuildStack(GetParam(), DType::kF32);
  const Batch batch = RandomBatch(2, 5, 2);
  const Tensor all = Cached(*model, batch.ids, 5);  // [B, T, V]
  const auto state = model->NewState(2);
  const Tensor last = model->Decode(batch.ids, Tensor(), state.get(), Tensor(),
                                    LogitsOf::kLastToken);  // [B, 1, V]
  ASSERT_EQ(last.shape(), Shape({2, 1, kVocabulary}));
  for (int64_t i = 0; i < last.size(); ++i) {
    const int64_t row = 5 * (i / kVocabulary) + 4;
    EXPECT_NEAR(last.At(i), all.At(row * kVocabulary + i % kVocabulary), 1e-5);
  }
}

int64_t ArgMax(const Tensor& logits, int64_t row) {
  int64_t best = 0;
  for (int64_t v = 1; v < kVocabulary; ++v)
    if (logits.At(row * kVocabulary + v) > logits.At(row * kVocabulary + best))
      best = v;
  return best;
}

TEST_P(CausalStack, CachedEqualsUncached) {
  if (!Cacheable(GetParam())) return;
  for (const DType compute : {DType::kF64, DType::kF32}) {
    const auto model = BuildStack(GetParam(), compute);
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

TEST_P(AnyStack, IgnoresPadding) {
  const auto model = BuildStack(GetParam(), DType::kF64);
  const int64_t tokens = 9;
  const Batch batch = RandomBatch(1, tokens, 3);
  for (const bool training : kModes) {
    const PassOptions mode = {.training = training};
    const Tensor alone = model->Logits(batch, mode);  // [1, T, V]
    for (const int64_t left : {0, 4}) {
      const int64_t padded = tokens + 4;
      Batch wide;
      wide.ids = Tensor::Zeros({1, padded}, DType::kI32);
      wide.segments = Tensor::Full({1, padded}, DType::kI32, -1);
      for (int64_t t = 0; t < tokens; ++t) {
        wide.ids.Set(left + t, batch.ids.At(t));
        wide.segments.Set(left + t, 0);
      }
      const Tensor with = model->Logits(wide, mode);  // [1, T + 4, V]
      for (int64_t i = 0; i < alone.size(); ++i)
        ASSERT_NEAR(alone.At(i), with.At(left * kVocabulary + i), 1e-12);
    }
  }
}

// A row's logits are those that it has alone, whatever stands beside it and
// however long that is.
TEST_P(AnyStack, RowsAreIndependent) {
  if (BatchCoupled(GetParam())) return;
  const auto model = BuildStack(GetParam(), DType::kF64);
  const Batch row = RandomBatch(1, 6, 10), longer = RandomBatch(1, 9, 11);
  Batch both;
  both.ids = Tensor::Zeros({2, 9}, DType::kI32);
  both.segments = Tensor::Zeros({2, 9}, DType::kI32);
  for (int64_t t = 0; t < 9; ++t) {
    both.ids.Set(t, t < 6 ? row.ids.At(t) : 0);
    both.segments.Set(t, t < 6 ? 0 : -1);
    both.ids.Set(9 + t, longer.ids.At(t));
  }
  for (const bool training : kModes) {
    const PassOptions mode = {.training = training};
    const Tensor alone = model->Logits(row, mode);      // [1, 6, V]
    const Tensor other = model->Logits(longer, mode);   // [1, 9, V]
    const Tensor together = model->Logits(both, mode);  // [2, 9, V]
    for (int64_t i = 0; i < alone.size(); ++i)
      ASSERT_NEAR(together.At(i), alone.At(i), 1e-12);
    for (int64_t i = 0; i < other.size(); ++i)
      ASSERT_NEAR(together.At(9 * kVocabulary + i), other.At(i), 1e-12);
  }
}

TEST_P(AnyStack, PackedDocumentsAreSeparate) {
  if (BatchCoupled(GetParam())) return;
  const auto model = BuildStack(GetParam(), DType::kF64);
  const Batch first = RandomBatch(1, 6, 4), second = RandomBatch(1, 5, 5);
  for (const int64_t gap : {0, 2}) {  // padding between them
    Batch packed;
    packed.ids = Concat({first.ids, RandomBatch(1, 2, 9).ids, second.ids},
                        1);  // [1, 13]
    if (gap == 0) packed.ids = Concat({first.ids, second.ids}, 1);
    packed.segments = Tensor::Zeros({1, 11 + gap}, DType::kI32);
    for (int64_t t = 6; t < 11 + gap; ++t)
      packed.segments.Set(t, t < 6 + gap ? -1 : 1);
    for (const bool training : kModes) {
      const PassOptions mode = {.training = training};
      const Tensor a = model->Logits(first, mode);
      const Tensor b = model->Logits(second, mode);
      const Tensor together = model->Logits(packed, mode);  // [1, 11 + gap, V]
      for (int64_t i = 0; i < a.size(); ++i)
        ASSERT_NEAR(together.At(i), a.At(i), 1e-12);
      const int64_t begin = together.size() - b.size();
      for (int64_t i = 0; i < b.size(); ++i)
        ASSERT_NEAR(together.At(begin + i), b.At(i), 1e-12);
    }
  }
}

// Central differences of the loss in a few elements of every parameter.
TEST_P(AnyStack, GradientsAreRight) {
  const auto model = BuildStack(GetParam(), DType::kF64);
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

}  // namespace
}  // namespace archlab
