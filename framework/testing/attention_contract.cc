// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every attention core keeps. The mask comes from the definition
// (naive_attention.h); HostAgreesWithDefinition ties the layers to it.

#include <algorithm>
#include <cmath>
#include <vector>

#include "archlab/attention.h"
#include "nn/attention_call.h"
#include "testing/contract.h"
#include "testing/naive_attention.h"

namespace archlab {
namespace {

constexpr int64_t kTokens = 20;

// Queries, keys and values, each [B, H, T, D].
struct Qkv {
  Tensor q, k, v;

  Qkv(const ContractCase& c, int64_t batch, int64_t tokens, DType dtype) {
    const Shape shape = {batch, c.at.heads, tokens, c.at.head_dim};
    q = TestTensor(shape, dtype, 1);
    k = TestTensor(shape, dtype, 2);
    v = TestTensor(shape, dtype, 3);
  }
  Qkv(Tensor q, Tensor k, Tensor v) : q(q), k(k), v(v) {}

  // The same where `group` query heads share the keys and values of the first.
  Qkv Grouped(int64_t group) const {
    std::vector<Tensor> keys, values;
    for (int64_t h = 0; h < q.dim(1); ++h) {
      keys.push_back(Slice(k, 1, h / group * group, 1));
      values.push_back(Slice(v, 1, h / group * group, 1));
    }
    return {q, Concat(keys, 1), Concat(values, 1)};
  }

  // Tokens begin .. begin + count - 1.
  Qkv Tokens(int64_t begin, int64_t count) const {
    return {Slice(q, 2, begin, count), Slice(k, 2, begin, count),
            Slice(v, 2, begin, count)};
  }
};

// Overwrites token t of sequence b with large numbers.
void Spoil(Tensor x, int64_t b, int64_t t) {
  const int64_t heads = x.dim(1), tokens = x.dim(2), dim = x.dim(3);
  for (int64_t h = 0; h < heads; ++h)
    for (int64_t d = 0; d < dim; ++d)
      x.Set(((b * heads + h) * tokens + t) * dim + d, 50.0 - 7 * d);
}

// A core and everything that one call of it needs.
class Subject {
 public:
  Subject(const ContractCase& c, DType dtype)
      : at_(c.at), core_(c.Make<Attention>(dtype)) {}
  Subject(const ContractCase& c, const Surroundings& at)
      : at_(at), core_(c.Make<Attention>(at)) {}

  Tensor Attend(const Tensor& q, const Tensor& k, const Tensor& v,
                const TokenPlaces& queries, const TokenPlaces& keys) {
    const NaiveAttention input(*core_.get(), at_,
                               core_.Context(q.dim(0), q.dim(2)), q, k, v,
                               queries, keys);
    const Tensor y = core_->Attend(input);  // [B, H, Tq, D]
    return y.defined() ? y : input.Tiled();
  }
  Tensor Attend(const Qkv& x, const TokenPlaces& places) {
    return Attend(x.q, x.k, x.v, places, places);
  }
  Tensor Attend(const Qkv& x) {
    return Attend(x, TokenPlaces::Range(x.q.dim(2)));
  }
  // The same as a layer computes it, with one key head for `group` query heads.
  Tensor AttendInHost(const Qkv& x, int64_t group) {
    const int64_t batch = x.q.dim(0), tokens = x.q.dim(2);
    const auto heads_last = [](const Tensor& y) {
      return Permute(y, {0, 2, 1, 3});  // [B, T, H, D] from [B, H, T, D]
    };
    const auto shared = [&](const Tensor& y) {
      std::vector<Tensor> heads;
      for (int64_t h = 0; h < y.dim(1); h += group)
        heads.push_back(Slice(y, 1, h, 1));
      return heads_last(Concat(heads, 1));  // [B, T, Hkv, D]
    };
    const auto rule = std::make_shared<TilePattern>(
        [this](int64_t query, int64_t key) { return core_->Sees(query, key); },
        at_.causal, core_->MaxDistance());
    const PassOptions options;
    Pass pass(options, {.batch = batch, .tokens = tokens});
    const AttentionCall call(HeadsAsChannels(x.q), heads_last(x.q), shared(x.k),
                             shared(x.v), *core_.get(), rule, at_, KeyFrame(),
                             pass, 0, "test");
    const Shape heads = {batch, tokens, x.q.dim(1), x.q.dim(3)};
    return Permute(call.Run().View(heads), {0, 2, 1, 3});  // [B, H, T, D]
  }
  UnderTest<Attention>& core() { return core_; }

 private:
  const Surroundings at_;
  UnderTest<Attention> core_;
};

void KeepsShapeAndStaysFinite(const ContractCase& c) {
  for (const DType dtype : {DType::kF64, DType::kF32}) {
    Subject subject(c, dtype);
    for (const int64_t tokens : {int64_t{1}, int64_t{2}, kTokens}) {
      const Qkv x(c, 2, tokens, dtype);
      const Tensor y = subject.Attend(x);
      ASSERT_EQ(y.shape(), x.q.shape());
      for (const double element : y.ToVector())
        ASSERT_TRUE(std::isfinite(element));
    }
  }
}

void SeesItselfAndNeverChangesItsMind(const ContractCase& c) {
  const auto core = c.Make<Attention>();
  const auto other = c.Make<Attention>();
  for (int64_t query = 0; query < 300; ++query) {
    EXPECT_TRUE(core->Sees(query, query))
        << "Sees(" << query << ", " << query << ") is false";
    for (int64_t key = 0; key < 300; key += 7)
      ASSERT_EQ(core->Sees(query, key), other->Sees(query, key))
          << "Sees(" << query << ", " << key
          << ") differs between two components of one config";
  }
}

void MaxDistanceIsHonest(const ContractCase& c) {
  const auto core = c.Make<Attention>();
  const int64_t most = core->MaxDistance();
  ASSERT_GE(most, -1);
  if (most < 0) return;
  for (int64_t query = 0; query < std::min<int64_t>(3 * most + 50, 3000);
       query += 1 + query / 64)
    for (int64_t key = 0; key < query - most; ++key)
      ASSERT_FALSE(core->Sees(query, key))
          << "MaxDistance() is " << most << ", but Sees(" << query << ", "
          << key << ")";
}

// A token that a query may not see, later ones among them, changes nothing for
// that query, to the bit.
void UnseenTokensChangeNothing(const ContractCase& c) {
  Subject subject(c, DType::kF32);
  const Qkv x(c, 1, kTokens, DType::kF32);
  const Tensor before = subject.Attend(x);
  for (int64_t t = 0; t < kTokens; ++t) {
    const Qkv changed(x.q.Clone(), x.k.Clone(), x.v.Clone());
    Spoil(changed.q, 0, t);
    Spoil(changed.k, 0, t);
    Spoil(changed.v, 0, t);
    const Tensor after = subject.Attend(changed);
    for (int64_t query = 0; query < kTokens; ++query) {
      const bool future = c.at.causal && t > query;
      if (!future && subject.core()->Sees(query, t)) continue;
      EXPECT_TRUE(
          SameBits(Slice(after, 2, query, 1), Slice(before, 2, query, 1)))
          << "token " << t << " reached query " << query;
    }
  }
}

// One query at a time over the keys so far, as in decoding.
void StepsAgreeWithWhole(const ContractCase& c) {
  if (!c.traits().cacheable() || !c.at.causal) return;
  Subject subject(c, DType::kF64);
  const Qkv x(c, 2, kTokens, DType::kF64);
  const Tensor whole = subject.Attend(x);
  for (int64_t t = 0; t < kTokens; ++t) {
    const Qkv seen = x.Tokens(0, t + 1);
    const Tensor step =
        subject.Attend(Slice(x.q, 2, t, 1), seen.k, seen.v,
                       TokenPlaces::Range(1, t), TokenPlaces::Range(t + 1));
    EXPECT_TRUE(Near(step, Slice(whole, 2, t, 1), 1e-12)) << "token " << t;
  }
}

void SequencesAreIndependent(const ContractCase& c) {
  Subject subject(c, DType::kF32);
  const Qkv x(c, 3, kTokens, DType::kF32);
  const Qkv changed(x.q.Clone(), x.k.Clone(), x.v.Clone());
  for (int64_t t = 0; t < kTokens; ++t) {
    Spoil(changed.q, 1, t);
    Spoil(changed.k, 1, t);
    Spoil(changed.v, 1, t);
  }
  const Tensor before = subject.Attend(x);
  const Tensor after = subject.Attend(changed);
  EXPECT_TRUE(SameBits(after.Rows(0, 1), before.Rows(0, 1)));
  EXPECT_TRUE(SameBits(after.Rows(2, 1), before.Rows(2, 1)));
}

// Padding before and after, whatever stands there, and another document in the
// same row change nothing.
void PaddingAndOtherDocumentsChangeNothing(const ContractCase& c) {
  Subject subject(c, DType::kF64);
  Qkv x(c, 1, kTokens, DType::kF64);
  const int64_t first = 3, count = 9, other = 5;
  const Tensor alone = subject.Attend(x.Tokens(first, count));
  TokenPlaces places;
  for (int64_t t = 0; t < kTokens; ++t) {
    const bool mine = t >= first && t < first + count;
    const bool others = t >= first + count && t < first + count + other;
    places.segments.push_back(mine ? 0 : others ? 1 : -1);
    places.positions.push_back(int32_t(mine     ? t - first
                                       : others ? t - first - count
                                                : 0));
    if (mine) continue;
    Spoil(x.q, 0, t);
    Spoil(x.k, 0, t);
    Spoil(x.v, 0, t);
  }
  const Tensor padded = subject.Attend(x, places);
  EXPECT_TRUE(Near(Slice(padded, 2, first, count), alone, 1e-12));
}

void GradientsMatchDifferences(const ContractCase& c) {
  Subject subject(c, DType::kF64);
  subject.core().RequireGradients();
  Qkv x(c, 2, 7, DType::kF64);
  std::vector<Tensor> leaves = {x.q.SetRequiresGrad(), x.k.SetRequiresGrad(),
                                x.v.SetRequiresGrad()};
  for (const std::string& name : subject.core().ParameterNames())
    leaves.push_back(subject.core().ParameterValue(name));
  EXPECT_TRUE(GradientsMatch([&] { return subject.Attend(x); }, leaves));
}

// What the layers of a model compute is what the definition says, in f32 and
// with fewer key heads than query heads too.
void HostAgreesWithDefinition(const ContractCase& c) {
  for (const DType dtype : {DType::kF64, DType::kF32}) {
    const double tolerance = dtype == DType::kF64 ? 1e-12 : 1e-5;
    Subject subject(c, dtype);
    for (const int64_t tokens : {int64_t{1}, kTokens, int64_t{150}})
      for (const int64_t group : {1, 2}) {
        if (c.at.heads % group != 0) continue;
        const Qkv x = Qkv(c, 2, tokens, dtype).Grouped(group);
        EXPECT_TRUE(
            Near(subject.AttendInHost(x, group), subject.Attend(x), tolerance))
            << tokens << " tokens, " << group << " query heads a key head";
      }
  }
}

// Where the manifest claims it: every token sees every other, or the keys are
// those of another sequence.
void WorksWhereItClaims(const ContractCase& c) {
  EXPECT_TRUE(c.traits().causal() || c.traits().bidirectional() ||
              c.traits().cross())
      << "claims to work nowhere";
  Surroundings at = c.at;
  at.causal = false;
  const Qkv x(c, 1, kTokens, c.at.dtype);
  if (c.traits().bidirectional()) {
    Subject subject(c, at);
    ASSERT_TRUE(subject.core().status().ok()) << subject.core().status();
    EXPECT_EQ(subject.Attend(x).shape(), x.q.shape());
  }
  at.cross = true;
  if (!c.traits().cross()) return;
  Subject subject(c, at);
  ASSERT_TRUE(subject.core().status().ok()) << subject.core().status();
  const Qkv source = x.Tokens(0, 5);
  const Tensor y =
      subject.Attend(x.q, source.k, source.v, TokenPlaces::Range(kTokens),
                     TokenPlaces::Range(5));
  EXPECT_EQ(y.shape(), x.q.shape());
}

}  // namespace

Contract AttentionContract() {
  return {
      {"KeepsShapeAndStaysFinite", KeepsShapeAndStaysFinite},
      {"SeesItselfAndNeverChangesItsMind", SeesItselfAndNeverChangesItsMind},
      {"MaxDistanceIsHonest", MaxDistanceIsHonest},
      {"UnseenTokensChangeNothing", UnseenTokensChangeNothing},
      {"StepsAgreeWithWhole", StepsAgreeWithWhole},
      {"SequencesAreIndependent", SequencesAreIndependent},
      {"PaddingAndOtherDocumentsChangeNothing",
       PaddingAndOtherDocumentsChangeNothing},
      {"GradientsMatchDifferences", GradientsMatchDifferences},
      {"HostAgreesWithDefinition", HostAgreesWithDefinition},
      {"WorksWhereItClaims", WorksWhereItClaims}};
}

}  // namespace archlab
