// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every position component keeps.

#include <cmath>

#include "archlab/position.h"
#include "testing/contract.h"

namespace archlab {
namespace {

// x [1, T, ...] at tokens [t, t + 1).
Tensor Token(const Tensor& x, int64_t t) { return Slice(x, 1, t, 1); }

Tensor Channels(const ContractCase& c, int64_t tokens, DType dtype) {
  return TestTensor({1, tokens, c.at.width}, dtype, 1);
}
Tensor Heads(const ContractCase& c, int64_t tokens, DType dtype) {
  return TestTensor({1, tokens, c.at.heads, c.at.head_dim}, dtype, 2);
}

void KeepsShapeAndType(const ContractCase& c) {
  for (const DType dtype : {DType::kF64, DType::kF32, DType::kBF16}) {
    const auto position = c.Make<Position>(dtype);
    const Tensor x = Channels(c, 5, dtype);
    const Tensor q = Heads(c, 5, dtype);
    const Tensor embedded = position->Embed(x, TestPositions(1, 5));
    const Tensor rotated = position->Rotate(q, TestPositions(1, 5));
    EXPECT_EQ(embedded.shape(), x.shape());
    EXPECT_EQ(embedded.dtype(), dtype);
    EXPECT_EQ(rotated.shape(), q.shape());
    EXPECT_EQ(rotated.dtype(), dtype);
  }
}

// What happens to a token depends on its own position only, so decoding step
// by step gives what the whole sequence gives.
void StepsAgreeWithWhole(const ContractCase& c) {
  const auto position = c.Make<Position>();
  const int64_t tokens = c.at.max_tokens;
  const Tensor x = Channels(c, tokens, DType::kF64);
  const Tensor q = Heads(c, tokens, DType::kF64);
  const Tensor embedded = position->Embed(x, TestPositions(1, tokens));
  const Tensor rotated = position->Rotate(q, TestPositions(1, tokens));
  for (int64_t t = 0; t < tokens; ++t) {
    const Tensor here = TestPositions(1, 1, t);
    EXPECT_TRUE(
        SameBits(position->Embed(Token(x, t), here), Token(embedded, t)));
    EXPECT_TRUE(
        SameBits(position->Rotate(Token(q, t), here), Token(rotated, t)));
  }
}

// Turning changes no length, and scores depend on the distance only.
void RotationKeepsLengthsAndDistances(const ContractCase& c) {
  const auto position = c.Make<Position>();
  const int64_t last = position->MaxTokens() < 0 ? 1000 : position->MaxTokens();
  const Tensor q = Heads(c, 1, DType::kF64);
  const Tensor k = TestTensor(q.shape(), DType::kF64, 3);
  const auto turned = [&](const Tensor& x, int64_t p) {
    return position->Rotate(x, TestPositions(1, 1, p));
  };
  const auto score = [](const Tensor& a, const Tensor& b) {
    return Sum(a * b, -1);  // [1, 1, H, 1]
  };
  EXPECT_TRUE(Near(score(turned(q, 5), turned(q, 5)), score(q, q), 1e-12));
  const Tensor near = score(turned(q, 6), turned(k, 2));
  for (const int64_t shift : {1, 3, int(last) - 7})
    EXPECT_TRUE(
        Near(score(turned(q, 6 + shift), turned(k, 2 + shift)), near, 1e-9))
        << "shifted by " << shift;
}

// `rotary` says that queries and keys turn. `validate` relies on it.
void TurnsWhereClaimed(const ContractCase& c) {
  const Tensor q = Heads(c, 5, DType::kF64);
  const Tensor turned = c.Make<Position>()->Rotate(q, TestPositions(1, 5, 1));
  EXPECT_EQ(!SameBits(turned, q), c.traits().rotary());
}

// One table, whatever the reach; and only where the manifest claims it.
void BiasDependsOnDistanceOnly(const ContractCase& c) {
  const auto position = c.Make<Position>();
  const Tensor wide = position->ScoreBias(9);
  EXPECT_EQ(wide.defined(), c.traits().score_bias());
  if (!wide.defined()) return;
  EXPECT_EQ(wide.shape(), (Shape{c.at.heads, 19}));
  EXPECT_EQ(wide.dtype(), DType::kF64);
  EXPECT_EQ(c.Make<Position>(DType::kBF16)->ScoreBias(2).dtype(), DType::kF32);
  for (const int64_t reach : {0, 4, 9}) {
    const Tensor narrow = position->ScoreBias(reach);
    ASSERT_EQ(narrow.shape(), (Shape{c.at.heads, 2 * reach + 1}));
    for (int64_t h = 0; h < c.at.heads; ++h)
      for (int64_t d = -reach; d <= reach; ++d) {
        const double bias = narrow.At(h * (2 * reach + 1) + reach + d);
        EXPECT_TRUE(std::isfinite(bias));
        EXPECT_EQ(bias, wide.At(h * 19 + 9 + d));
      }
  }
}

void LengthIsAsClaimed(const ContractCase& c) {
  const int64_t longest = c.Make<Position>()->MaxTokens();
  EXPECT_EQ(longest >= 0, c.traits().bounded_length());
  if (longest >= 0) {
    EXPECT_GE(longest, c.at.max_tokens) << "shorter than a training sequence";
  }
}

// Positions past the trained length work and change nothing before them.
void WorksPastTrainedLength(const ContractCase& c) {
  for (const DType dtype : {DType::kF64, DType::kF32}) {
    const auto position = c.Make<Position>(dtype);
    if (position->MaxTokens() >= 0) return;
    const Tensor x = Channels(c, 4, dtype);
    const Tensor q = Heads(c, 4, dtype);
    const Tensor embedded = position->Embed(x, TestPositions(1, 4));
    const Tensor rotated = position->Rotate(q, TestPositions(1, 4));
    const Tensor far = TestPositions(1, 4, 50 * c.at.max_tokens);
    for (const Tensor& y : {position->Embed(x, far), position->Rotate(q, far)})
      for (const double element : y.ToVector())
        EXPECT_TRUE(std::isfinite(element));
    EXPECT_TRUE(SameBits(position->Embed(x, TestPositions(1, 4)), embedded));
    EXPECT_TRUE(SameBits(position->Rotate(q, TestPositions(1, 4)), rotated));
  }
}

void GradientsMatchDifferences(const ContractCase& c) {
  auto position = c.Make<Position>();
  position.RequireGradients();
  Tensor x = Channels(c, 4, DType::kF64).SetRequiresGrad();
  Tensor q = Heads(c, 4, DType::kF64).SetRequiresGrad();
  std::vector<Tensor> leaves = {x, q};
  for (const std::string& name : position.ParameterNames())
    leaves.push_back(position.ParameterValue(name));
  const Tensor at = TestPositions(1, 4, 2);
  EXPECT_TRUE(GradientsMatch(
      [&] {
        std::vector<Tensor> parts = {Reshape(position->Embed(x, at), {-1}),
                                     Reshape(position->Rotate(q, at), {-1})};
        const Tensor bias = position->ScoreBias(3);
        if (bias.defined()) parts.push_back(Reshape(bias, {-1}));
        return Concat(parts, 0);
      },
      leaves));
}

}  // namespace

Contract PositionContract() {
  return {
      {"KeepsShapeAndType", KeepsShapeAndType},
      {"StepsAgreeWithWhole", StepsAgreeWithWhole},
      {"RotationKeepsLengthsAndDistances", RotationKeepsLengthsAndDistances},
      {"TurnsWhereClaimed", TurnsWhereClaimed},
      {"BiasDependsOnDistanceOnly", BiasDependsOnDistanceOnly},
      {"LengthIsAsClaimed", LengthIsAsClaimed},
      {"WorksPastTrainedLength", WorksPastTrainedLength},
      {"GradientsMatchDifferences", GradientsMatchDifferences}};
}

}  // namespace archlab
