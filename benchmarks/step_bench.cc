// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A training step (forward and backward) of nanoGPT's "baby GPT": 6 layers,
// 6 heads, 384 wide, T 256, B 16, V 65; beside it the step's matrix
// products done alone in the same run. The ratio of the two is what matters:
//   step_bench [precision f32|bf16] [repetitions]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#include "archlab/ops.h"
#include "kernels/matmul.h"
#include "model/test_spec.h"

namespace archlab {
namespace {

constexpr int64_t kBatch = 16, kTokens = 256, kWidth = 384, kHeads = 6,
                  kLayers = 6, kVocabulary = 65;
constexpr int64_t kRows = kBatch * kTokens, kHeadDim = kWidth / kHeads;

double MedianSeconds(int repetitions, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int i = 0; i < repetitions + 2; ++i) {  // two to warm up
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> spent =
        std::chrono::steady_clock::now() - start;
    if (i >= 2) seconds.push_back(spent.count());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

// The three products of a linear layer in f32: y = x W^T, dx = dy W,
// dW = dy^T x.
class LinearProducts {
 public:
  LinearProducts(int64_t in, int64_t out)
      : in_(in),
        out_(out),
        x_(Tensor::Full({kRows, in}, DType::kF32, 0.5)),
        w_(Tensor::Full({out, in}, DType::kF32, 0.5)),
        y_(Tensor::Full({kRows, out}, DType::kF32, 0.5)) {}

  void Run() {
    float *x = x_.data<float>(), *w = w_.data<float>(), *y = y_.data<float>();
    MatMulForward<float, float, float>(
        {.m = kRows, .n = out_, .k = in_, .transpose_b = true}, 1, x, w, 0, y);
    MatMulForward<float, float, float>({.m = kRows, .n = in_, .k = out_}, 1, y,
                                       w, 0, x);
    MatMulForward<float, float, float>(
        {.m = out_, .n = in_, .k = kRows, .transpose_a = true}, 1, y, x, 0, w);
    // Keeps the numbers in range.
    std::fill_n(x, 64, 0.5f);
  }

 private:
  const int64_t in_, out_;
  Tensor x_, w_, y_;
};

// Seven products of [T, T / 2] a head: two forward, five backward; half of the
// keys stands for the causal half of the pairs.
void AttentionProducts(Tensor& q, Tensor& k, Tensor& p) {
  const int64_t heads = kBatch * kHeads, half = kTokens / 2;
  const int64_t wide = kTokens * kHeadDim, square = kTokens * half;
  float *a = q.data<float>(), *b = k.data<float>(), *s = p.data<float>();
  for (int i = 0; i < 3; ++i)  // q k^T twice, dO v^T
    BatchedMatMulForward<float, float, float>(
        {.m = kTokens, .n = half, .k = kHeadDim, .transpose_b = true}, heads, 1,
        a, wide, b, wide, 0, s, square);
  for (int i = 0; i < 2; ++i)  // p v, dS k
    BatchedMatMulForward<float, float, float>(
        {.m = kTokens, .n = kHeadDim, .k = half}, heads, 1, s, square, b, wide,
        0, a, wide);
  for (int i = 0; i < 2; ++i)  // p^T dO, dS^T q
    BatchedMatMulForward<float, float, float>(
        {.m = half, .n = kHeadDim, .k = kTokens, .transpose_a = true}, heads, 1,
        s, square, a, wide, 0, b, wide);
}

double ProductsAlone(int repetitions) {
  LinearProducts square(kWidth, kWidth), up(kWidth, 4 * kWidth),
      down(4 * kWidth, kWidth), head(kWidth, kVocabulary);
  const Shape heads = {kBatch, kHeads, kTokens, kHeadDim};
  Tensor q = Tensor::Full(heads, DType::kF32, 1e-3);
  Tensor k = Tensor::Full(heads, DType::kF32, 1e-3);
  Tensor p =
      Tensor::Full({kBatch, kHeads, kTokens, kTokens / 2}, DType::kF32, 1e-3);
  return MedianSeconds(repetitions, [&] {
    for (int layer = 0; layer < kLayers; ++layer) {
      for (int i = 0; i < 4; ++i) square.Run();  // q, k, v, out
      up.Run();
      down.Run();
      AttentionProducts(q, k, p);
    }
    head.Run();
  });
}

Batch BabyBatch() {
  Batch batch;
  batch.ids = Tensor::Empty({kBatch, kTokens}, DType::kI32);
  for (int64_t i = 0; i < kRows; ++i)
    batch.ids.data<int32_t>()[i] = (i * 2654435761u) % kVocabulary;
  batch.targets = batch.ids.Clone();
  batch.weights = Tensor::Full({kBatch, kTokens}, DType::kF32, 1);
  batch.tokens = kRows;
  return batch;
}

double Step(DType compute, int repetitions) {
  TestSpec spec;
  spec.width = kWidth;
  spec.heads = kHeads;
  spec.layers = kLayers;
  spec.sequence_tokens = kTokens;
  spec.position = "[position/learned] {}";
  spec.norm = "[norm/layer_norm] { bias: false }";
  const auto model = spec.Build(compute, kVocabulary);
  model->parameters().RequireGradients(true);
  const Batch batch = BabyBatch();
  PassOptions options;
  options.training = true;
  return MedianSeconds(repetitions, [&] {
    Backward(model->Loss(batch, options).total);
    model->parameters().ClearGradients();
  });
}

int Main(int argc, char** argv) {
  const bool bf16 = argc > 1 && std::strcmp(argv[1], "bf16") == 0;
  const int repetitions = argc > 2 ? std::atoi(argv[2]) : 5;
  const double step = Step(bf16 ? DType::kBF16 : DType::kF32, repetitions);
  const double alone = ProductsAlone(repetitions);
  std::printf("step %.1f ms, its products alone (f32) %.1f ms, ratio %.2f\n",
              step * 1e3, alone * 1e3, step / alone);
  return 0;
}

}  // namespace
}  // namespace archlab

int main(int argc, char** argv) { return archlab::Main(argc, argv); }
