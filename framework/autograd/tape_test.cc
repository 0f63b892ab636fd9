// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "autograd/tape.h"

#include <memory>
#include <thread>

#include "archlab/gradient_check.h"
#include "autograd/test_util.h"
#include "gtest/gtest.h"
#include "tensor/storage.h"

namespace archlab {
namespace {

Tensor Leaf(double value) {
  Tensor x = Tensor::Full({}, DType::kF64, value);
  x.SetRequiresGrad();
  return x;
}

TEST(Tape, ATensorUsedTwiceGetsBothGradients) {
  const Tensor x = Leaf(3);
  const Tensor y = x * x;  // x^2
  Backward(y * x + y);     // x^3 + x^2
  EXPECT_DOUBLE_EQ(x.grad().At(0), 3 * 9 + 2 * 3);
}

TEST(Tape, GradientsOfSeveralPassesAddUp) {
  Tensor x = Leaf(3);
  for (int pass = 1; pass <= 3; ++pass) {
    Backward(x * x);
    EXPECT_DOUBLE_EQ(x.grad().At(0), 6 * pass);
  }
  x.ClearGrad();
  EXPECT_FALSE(x.grad().defined());
}

TEST(Tape, AHeldGradientIsNotChangedByTheNextPass) {
  const Tensor x = Leaf(3);
  Backward(x * x);
  const Tensor held = x.grad();
  Backward(x * x);
  EXPECT_DOUBLE_EQ(held.At(0), 6);
  EXPECT_DOUBLE_EQ(x.grad().At(0), 12);
}

TEST(Tape, OneGradientOfTwoInputsIsNotShared) {
  const Tensor a = Leaf(1), b = Leaf(2);
  Backward(a + b);  // both receive the same tensor
  Backward(a * 5);
  EXPECT_DOUBLE_EQ(a.grad().At(0), 6);
  EXPECT_DOUBLE_EQ(b.grad().At(0), 1);
}

TEST(Tape, NoGradRecordsNothingOnThisThreadOnly) {
  const Tensor x = Leaf(3);
  {
    const NoGrad outer;
    {
      const NoGrad inner;
      EXPECT_FALSE((x * x).requires_grad());
    }
    EXPECT_FALSE((x * x).requires_grad());
    bool recorded = false;
    std::thread([&] { recorded = (x * x).requires_grad(); }).join();
    EXPECT_TRUE(recorded);
  }
  EXPECT_TRUE((x * x).requires_grad());
}

TEST(Tape, DetachStopsTheGradient) {
  const Tensor x = Leaf(3);
  Backward((x * x).Detach() * x);
  EXPECT_DOUBLE_EQ(x.grad().At(0), 9);
  EXPECT_FALSE(x.Detach().requires_grad());
}

TEST(Tape, ALongChainIsFreedWithoutRecursion) {
  Tensor x = Leaf(0);
  Tensor y = x;
  for (int i = 0; i < 200000; ++i) y = y + 1.0;
  y = Tensor();  // never walked
  y = x;
  for (int i = 0; i < 200000; ++i) y = y + 1.0;
  Backward(y);
  EXPECT_DOUBLE_EQ(x.grad().At(0), 1);
}

// Gradient functions of plugins may hold tensors that are on the tape.
TEST(Tape, AChainThroughCapturedTensorsIsFreedWithoutRecursion) {
  const Tensor x = Leaf(0);
  Tensor y = x;
  for (int i = 0; i < 200000; ++i) {
    y = CustomOp("Same", y, {x},
                 [y](const Tensor& dy, Gradients& out) { out.Add(0, dy); });
  }
  y = Tensor();
  EXPECT_EQ(x.link().use_count(), 1);
}

TEST(Tape, ANodeLetsGoOfWhatItHoldsOnceItRan) {
  const auto token = std::make_shared<int>(0);
  const Tensor x = Leaf(2);
  const Tensor y =
      CustomOp("Holder", x, {x},
               [token](const Tensor& dy, Gradients& out) { out.Add(0, dy); });
  EXPECT_EQ(token.use_count(), 2);
  Backward(y);
  EXPECT_EQ(token.use_count(), 1);
}

TEST(Tape, CustomOpGetsWhichInputsNeedAGradient) {
  const Tensor a = Leaf(2);
  const Tensor b = Tensor::Full({}, DType::kF64, 5);
  std::vector<bool> needs;
  Backward(CustomOp("Product", Mul(a, b).Detach(), {a, b},
                    [&](const Tensor& dy, Gradients& out) {
                      needs = {out.Needs(0), out.Needs(1)};
                      out.Add(0, dy * 5);
                      out.Add(1, dy * 2);  // ignored
                    }));
  EXPECT_EQ(needs, (std::vector<bool>{true, false}));
  EXPECT_DOUBLE_EQ(a.grad().At(0), 5);
  EXPECT_FALSE(b.grad().defined());
}

TEST(Tape, OnlyWhatTheGradientNeedsIsKept) {
  Tensor a = RandomTensor({1 << 18}, DType::kF32, 1);
  Tensor b = RandomTensor({1 << 18}, DType::kF32, 2);
  a.SetRequiresGrad();
  const Tensor y = Mul(a, b);  // needs b, not a
  const int64_t before = ReadMemoryCounters().live_bytes;
  a = Tensor();
  EXPECT_LT(ReadMemoryCounters().live_bytes, before);
}

TEST(TapeDeathTest, ASecondBackwardPassSaysWhatToDo) {
  const Tensor x = Leaf(3);
  const Tensor y = x * x;
  Backward(y);
  EXPECT_DEATH(Backward(y), "compute the loss again");
}

TEST(TapeDeathTest, AGradientOfTheWrongShapeNamesTheOperation) {
  const Tensor x = Leaf(3) * 2;
  const Tensor y = CustomOp("Wrong", x, {x}, [](const Tensor&, Gradients& out) {
    out.Add(0, Tensor::Zeros({2}, DType::kF64));
  });
  EXPECT_DEATH(Backward(y), "Affine");
}

// One step of a small network, its gradients dropped at the end.
double TrainingStep(std::vector<Tensor>& weights) {
  const Tensor x = RandomTensor({64, 32}, DType::kF32, 1);
  const Tensor h = GeluTanh(Linear(x, weights[0], weights[1]));
  const Tensor y = LayerNorm(h, Tensor(), Tensor(), 1e-5);
  const Tensor loss =
      LinearCrossEntropy(y, weights[2], Tensor(), RandomIds({64}, 100, 2),
                         Tensor::Full({64}, DType::kF32, 1.0 / 64));
  Backward(loss);
  for (Tensor& weight : weights) weight.ClearGrad();
  return loss.At(0);
}

TEST(Tape, ASteadyTrainingStepTakesNoMemoryFromTheSystem) {
  std::vector<Tensor> weights = {RandomTensor({128, 32}, DType::kF32, 1),
                                 RandomTensor({128}, DType::kF32, 2),
                                 RandomTensor({100, 128}, DType::kF32, 3)};
  for (Tensor& weight : weights) weight.SetRequiresGrad();
  const double first = TrainingStep(weights);
  TrainingStep(weights);
  const int64_t before = ReadMemoryCounters().system_blocks;
  for (int step = 0; step < 5; ++step) {
    EXPECT_EQ(TrainingStep(weights), first);
  }
  EXPECT_EQ(ReadMemoryCounters().system_blocks, before);
}

TEST(GradientCheck, ReportsAWrongGradient) {
  const auto wrong = [](const std::vector<Tensor>& x) {
    return CustomOp("Wrong", Square(x[0]).Detach(), {x[0]},
                    [x = x[0].Detach()](const Tensor& dy, Gradients& out) {
                      out.Add(0, Mul(dy, x) * 2.001);
                    });
  };
  const absl::Status status =
      CheckGradients(wrong, {RandomTensor({3, 2}, DType::kF64, 1)});
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("gradient of input 0 [3, 2], element 0"),
            absl::string_view::npos)
      << status;
}

}  // namespace
}  // namespace archlab
