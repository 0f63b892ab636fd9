// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Every operation: gradients against central differences in f64; values and
// gradients in f32 and bf16 against f64.

#include "archlab/ops.h"

#include <algorithm>

#include "archlab/gradient_check.h"
#include "autograd/ops_cases.h"
#include "autograd/test_util.h"
#include "gtest/gtest.h"

namespace archlab {
namespace {

TEST(Ops, GradientsAgreeWithCentralDifferences) {
  for (const OpCase& c : OpCases()) {
    EXPECT_EQ(CheckGradients(c.f, c.inputs), absl::OkStatus()) << c.name;
  }
}

struct Outcome {
  Tensor value;
  std::vector<Tensor> gradients;  // undefined for i32 inputs
};

// The operation on inputs rounded to `dtype` and then held in `compute`, so
// that two dtypes see the same numbers.
Outcome Differentiate(const OpCase& c, DType dtype, DType compute) {
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < c.inputs.size(); ++i) {
    Tensor x = c.inputs[i];
    if (x.dtype() != DType::kI32) {
      const bool wide =
          std::find(c.wide.begin(), c.wide.end(), int(i)) != c.wide.end();
      const DType as = wide && compute == DType::kBF16 ? DType::kF32 : compute;
      x = Cast(Cast(x, dtype), as).Clone();
      x.SetRequiresGrad();
    }
    inputs.push_back(x);
  }
  Outcome outcome;
  outcome.value = c.f(inputs);
  const Tensor weights =
      Cast(RandomTensor(outcome.value.shape(), dtype, 99), compute);
  Backward(SumAll(Mul(outcome.value, weights)));
  for (const Tensor& x : inputs) outcome.gradients.push_back(x.grad());
  return outcome;
}

void CompareWithF64(DType dtype, double tolerance) {
  for (const OpCase& c : OpCases()) {
    const Outcome expected = Differentiate(c, dtype, DType::kF64);
    const Outcome found = Differentiate(c, dtype, dtype);
    EXPECT_LT(RelativeError(found.value, expected.value), tolerance) << c.name;
    for (size_t i = 0; i < c.inputs.size(); ++i) {
      if (!expected.gradients[i].defined()) continue;
      ASSERT_TRUE(found.gradients[i].defined()) << c.name;
      EXPECT_LT(RelativeError(found.gradients[i], expected.gradients[i]),
                tolerance)
          << c.name << ", gradient of input " << i;
    }
  }
}

TEST(Ops, F32AgreesWithF64) { CompareWithF64(DType::kF32, 2e-6); }

TEST(Ops, Bf16AgreesWithF64) { CompareWithF64(DType::kBF16, 2e-2); }

TEST(Ops, MixedTypesGiveF32) {
  const Tensor wide = RandomTensor({3, 4}, DType::kF32, 1);
  const Tensor narrow = RandomTensor({4}, DType::kBF16, 2);
  for (const Tensor& y : {wide + narrow, narrow * wide, wide / narrow,
                          MatMul(wide, Reshape(narrow, {4, 1}))}) {
    EXPECT_EQ(y.dtype(), DType::kF32);
  }
  EXPECT_EQ((narrow + narrow).dtype(), DType::kBF16);
}

TEST(Ops, GradientsHaveTheTypeOfTheirTensorAndF32ForBf16Leaves) {
  Tensor x = RandomTensor({2, 32}, DType::kF32, 1);
  Tensor weight = RandomTensor({64, 32}, DType::kBF16, 2);
  Tensor bias = RandomTensor({64}, DType::kF32, 3);
  x.SetRequiresGrad();
  weight.SetRequiresGrad();
  bias.SetRequiresGrad();
  const Tensor y = Linear(x, weight, bias);
  EXPECT_EQ(y.dtype(), DType::kBF16);
  Backward(SumAll(y));
  EXPECT_EQ(x.grad().dtype(), DType::kF32);
  EXPECT_EQ(weight.grad().dtype(), DType::kF32);
  EXPECT_EQ(bias.grad().dtype(), DType::kF32);
  EXPECT_EQ(bias.grad().At(5), 2);  // two rows
}

TEST(Ops, RowOfMinusInfinityHasZeroProbabilities) {
  const Tensor x = Tensor::Full({2, 3}, DType::kF32, -INFINITY);
  for (const double p : Softmax(x).ToVector()) EXPECT_EQ(p, 0);
}

TEST(Ops, DropoutKeepsTheExpectationAndTakesTheWordOfItsElement) {
  const Random random(7, 1, 2);
  const Tensor ones = Tensor::Full({1 << 14}, DType::kF32, 1);
  const Tensor y = Dropout(ones, 0.25, random);
  EXPECT_NEAR(MeanAll(y).At(0), 1, 0.02);
  const Tensor part = Dropout(ones.Rows(100, 50), 0.25, random.Skip(100));
  for (int64_t i = 0; i < 50; ++i) EXPECT_EQ(part.At(i), y.At(100 + i));
  EXPECT_TRUE(SameBytes(Dropout(ones, 0, random), ones));
}

// 300 rows of 20000 classes take several chunks.
TEST(Ops, LinearCrossEntropyInChunksIsCrossEntropy) {
  constexpr int64_t kRows = 300, kClasses = 20000, kWidth = 4;
  const Tensor targets = RandomIds({kRows}, kClasses, 1);
  const Tensor weights = Tensor::Full({kRows}, DType::kF32, 1.0 / kRows);
  Tensor hidden = RandomTensor({kRows, kWidth}, DType::kF32, 2);
  Tensor weight = RandomTensor({kClasses, kWidth}, DType::kF32, 3);
  hidden.SetRequiresGrad();
  weight.SetRequiresGrad();
  const Tensor whole =
      CrossEntropy(Linear(hidden, weight, Tensor()), targets, weights);
  Backward(whole);
  const Tensor d_hidden = hidden.grad(), d_weight = weight.grad();
  hidden.ClearGrad();
  weight.ClearGrad();
  const Tensor chunked =
      LinearCrossEntropy(hidden, weight, Tensor(), targets, weights);
  Backward(chunked);
  EXPECT_NEAR(chunked.At(0), whole.At(0), 1e-5);
  EXPECT_LT(RelativeError(hidden.grad(), d_hidden), 1e-5);
  EXPECT_LT(RelativeError(weight.grad(), d_weight), 1e-5);
}

struct HeadResult {
  double loss;
  Tensor hidden, weight, bias;  // gradients
};

HeadResult RunHead(DType dtype, int64_t rows, int64_t classes) {
  constexpr int64_t kWidth = 32;
  Tensor hidden = RandomTensor({rows, kWidth}, DType::kBF16, 2);
  Tensor weight = RandomTensor({classes, kWidth}, DType::kBF16, 3);
  hidden = Cast(hidden, dtype).Detach();
  weight = Cast(weight, dtype).Detach();
  const DType wide = dtype == DType::kBF16 ? DType::kF32 : dtype;
  Tensor bias = RandomTensor({classes}, wide, 4);
  for (Tensor* const each : {&hidden, &weight, &bias}) each->SetRequiresGrad();
  const Tensor loss =
      LinearCrossEntropy(hidden, weight, bias, RandomIds({rows}, classes, 1),
                         Tensor::Full({rows}, DType::kF32, 1.0 / rows), 0.1);
  Backward(loss);
  return {loss.At(0), hidden.grad(), weight.grad(), bias.grad()};
}

// A head of bf16 may be padded inside to a width that products like; nothing of
// that is seen outside.
TEST(Ops, LinearCrossEntropyOfOddClassesInBf16) {
  for (const int64_t classes : {1, 31, 65, 96, 250}) {
    for (const int64_t rows : {7, 64}) {
      SCOPED_TRACE(classes);
      const HeadResult want = RunHead(DType::kF64, rows, classes);
      const HeadResult got = RunHead(DType::kBF16, rows, classes);
      EXPECT_NEAR(got.loss, want.loss, 1e-3 * (1 + want.loss));
      ASSERT_EQ(got.weight.shape(), want.weight.shape());
      ASSERT_EQ(got.bias.shape(), want.bias.shape());
      if (classes == 1) continue;  // all gradients are 0
      EXPECT_LT(RelativeError(got.hidden, want.hidden), 0.01);
      EXPECT_LT(RelativeError(got.weight, want.weight), 0.01);
      EXPECT_LT(RelativeError(got.bias, want.bias), 1e-3);
    }
  }
}

TEST(Ops, LinearCrossEntropyOfNoRowsHasZeroGradients) {
  Tensor weight = RandomTensor({5, 4}, DType::kF32, 3);
  weight.SetRequiresGrad();
  const Tensor loss = LinearCrossEntropy(
      Tensor::Zeros({0, 4}, DType::kF32), weight, Tensor(),
      Tensor::FromI32({0}, {}), Tensor::Zeros({0}, DType::kF32));
  EXPECT_EQ(loss.At(0), 0);
  Backward(loss);
  for (const double g : weight.grad().ToVector()) EXPECT_EQ(g, 0);
}

}  // namespace
}  // namespace archlab
