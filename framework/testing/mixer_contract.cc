// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every sequence mixer keeps.

#include <algorithm>
#include <cmath>
#include <vector>

#include "archlab/mixer.h"
#include "testing/contract.h"
#include "testing/naive_mixer.h"

namespace archlab {
namespace {

constexpr int64_t kTokens = 20;

// Documents of the tokens of each row, -1 is padding.
Tensor Segments(int64_t batch, const std::vector<int32_t>& row) {
  std::vector<int32_t> all;
  for (int64_t b = 0; b < batch; ++b)
    all.insert(all.end(), row.begin(), row.end());
  return Tensor::FromI32({batch, int64_t(row.size())}, all);
}

Tensor OneDocument(int64_t batch, int64_t tokens) {
  return Tensor::Zeros({batch, tokens}, DType::kI32);
}

// Overwrites token t of sequence b of x [B, T, C] with large numbers.
void Spoil(Tensor x, int64_t b, int64_t t) {
  const int64_t width = x.dim(2);
  for (int64_t i = 0; i < width; ++i)
    x.Set((b * x.dim(1) + t) * width + i, 50.0 - 7 * i);
}

// A mixer and everything that one call of it needs.
class Subject {
 public:
  Subject(const ContractCase& c, DType dtype) : Subject(c, At(c, dtype)) {}
  Subject(const ContractCase& c, const Surroundings& at)
      : causal_(at.causal), mixer_(c.Make<Mixer>(at)) {}

  // A full pass over rows that are one document each.
  Tensor Mix(const Tensor& x, bool training = false) {
    return Mix(x, OneDocument(x.dim(0), x.dim(1)), false, nullptr, training);
  }
  Tensor Mix(const Tensor& x, const Tensor& segments) {
    return Mix(x, segments, true, nullptr);
  }
  // segments of all tokens so far, of which x [B, T, C] are the last.
  Tensor Mix(const Tensor& x, const Tensor& segments, bool has_segments,
             MixerState* state, bool training = false) {
    const NaiveMixerInput input(x, segments, has_segments, causal_, state);
    return mixer_->Forward(input, mixer_.Context(x.dim(0), x.dim(1), training));
  }
  // The whole sequence through a state, `chunk` tokens at a time.
  Tensor MixInChunks(const Tensor& x, const Tensor& segments, bool has_segments,
                     int64_t chunk) {
    const NoGrad no_grad;
    const auto state = mixer_->NewState(x.dim(0));
    std::vector<Tensor> parts;
    for (int64_t t = 0; t < x.dim(1); t += chunk) {
      const int64_t count = std::min(chunk, x.dim(1) - t);
      parts.push_back(Mix(Slice(x, 1, t, count),
                          Slice(segments, 1, 0, t + count), has_segments,
                          state.get()));
    }
    EXPECT_GT(state->bytes(), 0);
    return Concat(parts, 1);
  }
  UnderTest<Mixer>& mixer() { return mixer_; }

 private:
  static Surroundings At(const ContractCase& c, DType dtype) {
    Surroundings at = c.at;
    at.dtype = dtype;
    return at;
  }

  const bool causal_;
  UnderTest<Mixer> mixer_;
};

Tensor Tokens(const ContractCase& c, int64_t batch, int64_t tokens, DType dtype,
              double scale = 1) {
  return TestTensor({batch, tokens, c.at.width}, dtype, 1, scale);
}

void KeepsShapeAndStaysFinite(const ContractCase& c) {
  for (const DType dtype : {DType::kF64, DType::kF32, DType::kBF16}) {
    Subject subject(c, dtype);
    for (const int64_t tokens : {int64_t{1}, int64_t{2}, kTokens})
      for (const double scale : {0.0, 1.0, 100.0}) {
        const Tensor x = Tokens(c, 2, tokens, dtype, scale);
        const Tensor y = subject.Mix(x);
        ASSERT_EQ(y.shape(), x.shape());
        for (const double element : y.ToVector())
          ASSERT_TRUE(std::isfinite(element)) << "inputs of size " << scale;
      }
  }
}

// In a causal stack later tokens change nothing, to the bit; in training too.
void SeesNoFuture(const ContractCase& c) {
  if (!c.traits().causal() || !c.at.causal) return;
  Subject subject(c, DType::kF32);
  const Tensor x = Tokens(c, 2, kTokens, DType::kF32);
  for (const bool training : {false, true}) {
    const Tensor before = subject.Mix(x, training);
    for (int64_t t = 1; t < kTokens; t += 3) {
      const Tensor changed = x.Clone();
      for (int64_t later = t; later < kTokens; ++later)
        Spoil(changed, 0, later);
      const Tensor after = subject.Mix(changed, training);
      EXPECT_TRUE(SameBits(Slice(after, 1, 0, t).Rows(0, 1),
                           Slice(before, 1, 0, t).Rows(0, 1)))
          << "a change of token " << t << " reached those before it";
    }
  }
}

// Where every token sees every other, the last one reaches the first.
void SeesBothWays(const ContractCase& c) {
  if (!c.traits().bidirectional()) return;
  Surroundings at = c.at;
  at.causal = false;
  Subject subject(c, at);
  ASSERT_TRUE(subject.mixer().status().ok()) << subject.mixer().status();
  const Tensor x = Tokens(c, 1, kTokens, at.dtype);
  const Tensor changed = x.Clone();
  Spoil(changed, 0, kTokens - 1);
  EXPECT_FALSE(SameBits(Slice(subject.Mix(changed), 1, 0, 1),
                        Slice(subject.Mix(x), 1, 0, 1)));
}

void SequencesAreIndependent(const ContractCase& c) {
  Subject subject(c, DType::kF32);
  const Tensor x = Tokens(c, 3, kTokens, DType::kF32);
  const Tensor changed = x.Clone();
  for (int64_t t = 0; t < kTokens; ++t) Spoil(changed, 1, t);
  const Tensor before = subject.Mix(x);
  const Tensor after = subject.Mix(changed);
  EXPECT_TRUE(SameBits(after.Rows(0, 1), before.Rows(0, 1)));
  EXPECT_TRUE(SameBits(after.Rows(2, 1), before.Rows(2, 1)));
}

// Padding before and after, whatever stands there, and another document in the
// same row change nothing; in both directions where the mixer works in both.
void PaddingAndOtherDocumentsChangeNothing(const ContractCase& c) {
  for (const bool causal : {true, false}) {
    if (!(causal ? c.traits().causal() : c.traits().bidirectional())) continue;
    Surroundings at = c.at;
    at.dtype = DType::kF64;
    at.causal = causal;
    Subject subject(c, at);
    const Tensor x = Tokens(c, 1, kTokens, DType::kF64);
    const int64_t first = 3, count = 9, other = 5;
    const Tensor a = subject.Mix(Slice(x, 1, first, count));
    const Tensor b = subject.Mix(Slice(x, 1, first + count, other));
    std::vector<int32_t> places(kTokens, -1);
    std::fill_n(places.begin() + first, count, 0);
    std::fill_n(places.begin() + first + count, other, 1);
    const Tensor spoiled = x.Clone();
    for (int64_t t = 0; t < kTokens; ++t)
      if (places[t] < 0) Spoil(spoiled, 0, t);
    const Tensor y = subject.Mix(spoiled, Segments(1, places));
    EXPECT_TRUE(Near(Slice(y, 1, first, count), a, 1e-12)) << causal;
    EXPECT_TRUE(Near(Slice(y, 1, first + count, other), b, 1e-12)) << causal;
    for (const double element : y.ToVector())
      ASSERT_TRUE(std::isfinite(element));
  }
}

// Through a state, in steps of any size, as in one pass; padded on the left
// too.
void StepsAgreeWithWhole(const ContractCase& c) {
  if (!c.traits().cacheable() || !c.at.causal) return;
  for (const DType dtype : {DType::kF64, DType::kF32}) {
    const double tolerance = dtype == DType::kF64 ? 1e-12 : 1e-4;
    Subject subject(c, dtype);
    ASSERT_NE(subject.mixer()->NewState(1), nullptr) << "claims cacheable";
    const Tensor x = Tokens(c, 2, kTokens, dtype);
    std::vector<int32_t> places(kTokens, 0);
    std::fill_n(places.begin(), 4, -1);
    const Tensor padded = Segments(2, places);
    const Tensor whole = subject.Mix(x), left = subject.Mix(x, padded);
    for (const int64_t chunk : {int64_t{1}, int64_t{3}, kTokens}) {
      EXPECT_TRUE(
          Near(subject.MixInChunks(x, OneDocument(2, kTokens), false, chunk),
               whole, tolerance))
          << "chunks of " << chunk;
      const Tensor y = subject.MixInChunks(x, padded, true, chunk);
      EXPECT_TRUE(Near(Slice(y, 1, 4, kTokens - 4),
                       Slice(left, 1, 4, kTokens - 4), tolerance))
          << "padded, chunks of " << chunk;
    }
  }
}

// A gathered state goes on as the rows it was gathered from would.
void StatesGather(const ContractCase& c) {
  if (!c.traits().cacheable() || !c.at.causal) return;
  Subject subject(c, DType::kF64);
  const NoGrad no_grad;
  const Tensor x = Tokens(c, 3, kTokens, DType::kF64);
  const Tensor whole = subject.Mix(x);
  const int64_t first = 11;
  const auto state = subject.mixer()->NewState(3);
  subject.Mix(Slice(x, 1, 0, first), OneDocument(3, first), false, state.get());
  const std::vector<int32_t> rows = {2, 0, 2, 1};
  const auto gathered = state->Gather(rows);
  std::vector<Tensor> rest, expected;
  for (const int32_t row : rows) {
    const Tensor whole_row = whole.Rows(row, 1);
    rest.push_back(Slice(x.Rows(row, 1), 1, first, kTokens - first));
    expected.push_back(Slice(whole_row, 1, first, kTokens - first));
  }
  EXPECT_TRUE(Near(subject.Mix(Concat(rest, 0), OneDocument(4, kTokens), false,
                               gathered.get()),
                   Concat(expected, 0), 1e-12));
}

void GradientsMatchDifferences(const ContractCase& c) {
  for (const bool causal : {true, false}) {
    if (!(causal ? c.traits().causal() : c.traits().bidirectional())) continue;
    Surroundings at = c.at;
    at.dtype = DType::kF64;
    at.causal = causal;
    Subject subject(c, at);
    subject.mixer().RequireGradients();
    Tensor x = Tokens(c, 2, 7, DType::kF64).SetRequiresGrad();
    const Tensor segments = Segments(2, {-1, 0, 0, 0, 1, 1, 1});
    std::vector<Tensor> leaves = {x};
    for (const std::string& name : subject.mixer().ParameterNames())
      leaves.push_back(subject.mixer().ParameterValue(name));
    EXPECT_TRUE(GradientsMatch([&] { return subject.Mix(x); }, leaves));
    EXPECT_TRUE(
        GradientsMatch([&] { return subject.Mix(x, segments); }, leaves));
  }
}

void SingleAgreesWithDouble(const ContractCase& c) {
  Subject single(c, DType::kF32), twice(c, DType::kF64);
  const Tensor x = Tokens(c, 2, 150, DType::kF32);
  EXPECT_TRUE(Near(single.Mix(x), twice.Mix(Cast(x, DType::kF64)), 1e-4));
}

void CountsItsWork(const ContractCase& c) {
  const auto mixer = c.Make<Mixer>();
  EXPECT_GT(mixer->Flops(16), 0);
  EXPECT_GT(mixer->Flops(32), 1.9 * mixer->Flops(16));
  if (!c.traits().cacheable()) return;
  EXPECT_GT(mixer->StateBytes(16), 0);
  EXPECT_GE(mixer->StateBytes(32), mixer->StateBytes(16));
}

}  // namespace

Contract MixerContract() {
  return {{"KeepsShapeAndStaysFinite", KeepsShapeAndStaysFinite},
          {"SeesNoFuture", SeesNoFuture},
          {"SeesBothWays", SeesBothWays},
          {"SequencesAreIndependent", SequencesAreIndependent},
          {"PaddingAndOtherDocumentsChangeNothing",
           PaddingAndOtherDocumentsChangeNothing},
          {"StepsAgreeWithWhole", StepsAgreeWithWhole},
          {"StatesGather", StatesGather},
          {"GradientsMatchDifferences", GradientsMatchDifferences},
          {"SingleAgreesWithDouble", SingleAgreesWithDouble},
          {"CountsItsWork", CountsItsWork}};
}

}  // namespace archlab
