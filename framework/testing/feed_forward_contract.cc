// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every feed-forward part keeps.

#include <cmath>
#include <utility>

#include "archlab/feed_forward.h"
#include "testing/contract.h"

namespace archlab {
namespace {

void KeepsShapeAndStaysFinite(const ContractCase& c) {
  for (const DType dtype : {DType::kF64, DType::kF32, DType::kBF16}) {
    auto part = c.Make<FeedForward>(dtype);
    for (const double scale : {0.0, 1.0, 100.0}) {
      const Tensor x = TestTensor({2, 3, c.at.width}, dtype, 1, scale);
      const Tensor y = part->Forward(x, part.Context(2, 3));
      EXPECT_EQ(y.shape(), x.shape());
      for (const double element : y.ToVector())
        ASSERT_TRUE(std::isfinite(element)) << "inputs of size " << scale;
    }
  }
}

// A change of one token leaves all others as they are: to the bit in f64, which
// computes row by row. A fast product of another number of rows, where a token
// went to another expert, may round differently.
void TokensAreIndependent(const ContractCase& c) {
  for (const DType dtype : {DType::kF64, DType::kF32}) {
    auto part = c.Make<FeedForward>(dtype);
    const int64_t width = c.at.width;
    const Tensor x = TestTensor({2, 4, width}, dtype, 2);
    Tensor changed = x.Clone();
    for (int64_t i = 0; i < width; ++i) changed.Set(5 * width + i, 3.0 - i);
    const Shape tokens = {8, width};
    const Tensor a = part->Forward(x, part.Context(2, 4)).View(tokens);
    const Tensor b = part->Forward(changed, part.Context(2, 4)).View(tokens);
    for (const auto& [first, count] : {std::pair{0, 5}, {6, 2}}) {
      const Tensor before = a.Rows(first, count), after = b.Rows(first, count);
      EXPECT_TRUE(dtype == DType::kF64 ? SameBits(before, after)
                                       : Near(after, before, 1e-6));
    }
  }
}

// One token at a time, as in decoding, gives what the whole sequence gives.
void StepsAgreeWithWhole(const ContractCase& c) {
  auto part = c.Make<FeedForward>(DType::kF64);
  const int64_t width = c.at.width;
  const Tensor x = TestTensor({1, 5, width}, DType::kF64, 3);
  const Tensor whole = part->Forward(x, part.Context(1, 5)).View({5, width});
  for (int64_t t = 0; t < 5; ++t) {
    const Tensor token = x.View({5, width}).Rows(t, 1).View({1, 1, width});
    const Tensor y = part->Forward(token, part.Context(1, 1));
    EXPECT_TRUE(Near(y.View({1, width}), whole.Rows(t, 1), 1e-12));
  }
}

void SingleAgreesWithDouble(const ContractCase& c) {
  auto single = c.Make<FeedForward>(DType::kF32);
  auto twice = c.Make<FeedForward>(DType::kF64);
  const Tensor x = TestTensor({2, 3, c.at.width}, DType::kF32, 4);
  // The f64 component computes with the f32 weights.
  for (const std::string& name : single.ParameterNames()) {
    const Tensor from = single.ParameterValue(name);
    Tensor to = twice.ParameterValue(name);
    for (int64_t i = 0; i < from.size(); ++i) to.Set(i, from.At(i));
  }
  EXPECT_TRUE(Near(single->Forward(x, single.Context(2, 3)),
                   twice->Forward(Cast(x, DType::kF64), twice.Context(2, 3)),
                   1e-5));
}

void GradientsMatchDifferences(const ContractCase& c) {
  auto part = c.Make<FeedForward>(DType::kF64);
  part.RequireGradients();
  Tensor x = TestTensor({2, 3, c.at.width}, DType::kF64, 5).SetRequiresGrad();
  std::vector<Tensor> leaves = {x};
  for (const std::string& name : part.ParameterNames())
    leaves.push_back(part.ParameterValue(name));
  EXPECT_TRUE(GradientsMatch(
      [&] { return part->Forward(x, part.Context(2, 3)); }, leaves));
}

void CountsItsWork(const ContractCase& c) {
  EXPECT_GT(c.Make<FeedForward>()->FlopsPerToken(), 0);
}

}  // namespace

Contract FeedForwardContract() {
  return {{"KeepsShapeAndStaysFinite", KeepsShapeAndStaysFinite},
          {"TokensAreIndependent", TokensAreIndependent},
          {"StepsAgreeWithWhole", StepsAgreeWithWhole},
          {"SingleAgreesWithDouble", SingleAgreesWithDouble},
          {"GradientsMatchDifferences", GradientsMatchDifferences},
          {"CountsItsWork", CountsItsWork}};
}

}  // namespace archlab
