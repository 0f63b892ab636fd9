// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "autograd/attention.h"

#include <omp.h>

#include <cstdlib>
#include <memory>

#include "archlab/gradient_check.h"
#include "archlab/ops.h"
#include "autograd/test_util.h"
#include "gtest/gtest.h"
#include "tensor/storage.h"

namespace archlab {
namespace {

// One attention problem; shapes as in TiledAttention.
struct Problem {
  std::string name;
  int64_t batch = 2, queries = 7, keys = 7, heads = 2, kv_heads = 2, dim = 4;
  AttentionPattern pattern = {};
  bool bias = false;
  double dropout = 0;
};

Tensor PositionsFrom(int64_t batch, int64_t length, int32_t first) {
  Tensor positions = Tensor::Empty({batch, length}, DType::kI32);
  for (int64_t i = 0; i < positions.size(); ++i) {
    positions.data<int32_t>()[i] = first + i % length + i / length;
  }
  return positions;
}

// Two documents and padding at the end, at another place in every row.
Tensor Segments(int64_t batch, int64_t length) {
  Tensor segments = Tensor::Empty({batch, length}, DType::kI32);
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t t = 0; t < length; ++t) {
      const int64_t border = length / 3 + b, end = length - 1 - b;
      segments.data<int32_t>()[b * length + t] = t >= end      ? -1
                                                 : t >= border ? 1
                                                               : 0;
    }
  }
  return segments;
}

// Positions that start again at every document.
Tensor Restarting(const Tensor& segments) {
  Tensor positions = Tensor::Empty(segments.shape(), DType::kI32);
  const int64_t length = segments.dim(1);
  const int32_t* segment = segments.data<int32_t>();
  int32_t* position = positions.data<int32_t>();
  for (int64_t i = 0; i < segments.size(); ++i) {
    const bool starts = i % length == 0 || segment[i] != segment[i - 1];
    position[i] = starts ? 0 : position[i - 1] + 1;
  }
  return positions;
}

std::shared_ptr<TilePattern> Window(int64_t window, bool causal) {
  return std::make_shared<TilePattern>(
      [window](int64_t query, int64_t key) {
        return std::abs(query - key) < window;
      },
      causal, window - 1);
}

// Every third key, and the query itself.
std::shared_ptr<TilePattern> Strided(bool causal) {
  return std::make_shared<TilePattern>(
      [](int64_t query, int64_t key) { return key % 3 == 0 || key == query; },
      causal);
}

Problem Packed(Problem p) {
  p.pattern.query_segments = p.pattern.key_segments =
      Segments(p.batch, p.queries);
  p.pattern.query_positions = p.pattern.key_positions =
      Restarting(p.pattern.query_segments);
  return p;
}

std::vector<Problem> Problems(int64_t length, int64_t dim) {
  Problem base{"full", 2, length, length, 4, 4, dim};
  std::vector<Problem> problems = {base};
  const auto add = [&](const char* name, const auto& change) {
    Problem p = base;
    p.name = name;
    change(p);
    problems.push_back(p);
  };
  add("causal", [](Problem& p) { p.pattern.causal = true; });
  add("grouped heads, causal", [](Problem& p) {
    p.kv_heads = 2;
    p.pattern.causal = true;
  });
  add("one key head", [](Problem& p) { p.kv_heads = 1; });
  add("packed documents, causal", [](Problem& p) {
    p.pattern.causal = true;
    p = Packed(p);
  });
  add("window, causal", [](Problem& p) {
    p.pattern.causal = true;
    p.pattern.sees = Window(5, true);
  });
  add("window, both directions, packed", [](Problem& p) {
    p.pattern.sees = Window(4, false);
    p = Packed(p);
  });
  add("strided rule, bias, causal", [](Problem& p) {
    p.pattern.causal = true;
    p.pattern.sees = Strided(true);
    p.bias = true;
  });
  add("bias, packed", [](Problem& p) {
    p.bias = true;
    p = Packed(p);
  });
  add("dropout, grouped heads, bias, causal", [](Problem& p) {
    p.kv_heads = 2;
    p.dropout = 0.3;
    p.bias = true;
    p.pattern.causal = true;
  });
  add("late queries, causal", [](Problem& p) {
    p.queries = p.keys / 2;
    p.pattern.causal = true;
  });
  add("shifted positions, causal", [](Problem& p) {
    p.pattern.causal = true;
    p.pattern.sees = Window(6, true);
    p.pattern.query_positions = p.pattern.key_positions =
        PositionsFrom(p.batch, p.keys, 70);
  });
  return problems;
}

AttentionOptions OptionsOf(const Problem& p) {
  AttentionOptions options;
  options.scale = 0.7;
  options.mask =
      std::make_shared<AttentionMask>(p.pattern, p.batch, p.queries, p.keys);
  options.reach = p.keys - 1;
  options.dropout = p.dropout;
  options.random = Random(1, 2, 3).Skip(11);
  return options;
}

std::vector<Tensor> InputsOf(const Problem& p, DType dtype) {
  std::vector<Tensor> inputs = {
      RandomTensor({p.batch, p.queries, p.heads, p.dim}, dtype, 1),
      RandomTensor({p.batch, p.keys, p.kv_heads, p.dim}, dtype, 2),
      RandomTensor({p.batch, p.keys, p.kv_heads, p.dim}, dtype, 3)};
  const DType wide = dtype == DType::kBF16 ? DType::kF32 : dtype;
  if (p.bias)
    inputs.push_back(RandomTensor({p.heads, 2 * p.keys - 1}, wide, 4));
  return inputs;
}

Tensor Attend(const std::vector<Tensor>& x, AttentionOptions options) {
  if (x.size() > 3) options.bias_table = x[3];
  return TiledAttention(x[0], x[1], x[2], options);
}

// What TiledAttention means, from other operations: repeated heads, products,
// MaskedSoftmax.
Tensor AttendNaively(const std::vector<Tensor>& x, AttentionOptions options) {
  if (x.size() > 3) options.bias_table = x[3];
  const int64_t heads = x[0].dim(2), group = heads / x[1].dim(2);
  const auto repeat = [&](const Tensor& k) {
    const Tensor wide =
        Expand(Reshape(k, {k.dim(0), k.dim(1), k.dim(2), 1, k.dim(3)}),
               {k.dim(0), k.dim(1), k.dim(2), group, k.dim(3)});
    return Permute(Reshape(wide, {k.dim(0), k.dim(1), heads, k.dim(3)}),
                   {0, 2, 1, 3});
  };
  const Tensor scores =
      MatMul(Permute(x[0], {0, 2, 1, 3}), repeat(x[1]), false, true);
  const Tensor y = MatMul(MaskedSoftmax(scores, options), repeat(x[2]));
  return Permute(y, {0, 2, 1, 3});
}

TEST(Attention, GradientsAgreeWithCentralDifferences) {
  GradientCheckOptions check;
  check.max_elements = 40;
  for (const Problem& p : Problems(8, 3)) {
    const AttentionOptions options = OptionsOf(p);
    EXPECT_EQ(
        CheckGradients(
            [&](const std::vector<Tensor>& x) { return Attend(x, options); },
            InputsOf(p, DType::kF64), check),
        absl::OkStatus())
        << p.name;
    EXPECT_EQ(CheckGradients(
                  [&](const std::vector<Tensor>& x) {
                    return AttendNaively(x, options);
                  },
                  InputsOf(p, DType::kF64), check),
              absl::OkStatus())
        << p.name << ", naive";
  }
}

// Attention over softmax and products that know no mask: the one reference that
// shares no code with the mask.
TEST(Attention, WithoutAMaskIsSoftmaxOfTheScores) {
  Problem p;
  const std::vector<Tensor> x = InputsOf(p, DType::kF64);
  const Tensor q = Permute(x[0], {0, 2, 1, 3}), k = Permute(x[1], {0, 2, 1, 3}),
               v = Permute(x[2], {0, 2, 1, 3});
  const Tensor y = MatMul(Softmax(0.7 * MatMul(q, k, false, true)), v);
  EXPECT_LT(RelativeError(Attend(x, OptionsOf(p)), Permute(y, {0, 2, 1, 3})),
            1e-12);
}

struct Outcome {
  Tensor value;
  std::vector<Tensor> gradients;
};

template <class F>
Outcome Differentiate(const F& f, std::vector<Tensor> inputs,
                      const AttentionOptions& options) {
  for (Tensor& x : inputs) x = x.Clone().SetRequiresGrad();
  Outcome outcome;
  outcome.value = f(inputs, options);
  const Tensor weights =
      RandomTensor(outcome.value.shape(), outcome.value.dtype(), 5);
  Backward(SumAll(Mul(outcome.value, weights)));
  for (const Tensor& x : inputs) outcome.gradients.push_back(x.grad());
  return outcome;
}

void CompareWithF64(DType dtype, double tolerance,
                    std::initializer_list<int64_t> lengths, int64_t dim = 9) {
  for (const int64_t length : lengths) {
    for (const Problem& p : Problems(length, dim)) {
      const AttentionOptions options = OptionsOf(p);
      std::vector<Tensor> inputs = InputsOf(p, dtype), exact;
      for (const Tensor& x : inputs) exact.push_back(Cast(x, DType::kF64));
      const Outcome expected = Differentiate(Attend, exact, options);
      const Outcome tiled = Differentiate(Attend, inputs, options);
      EXPECT_LT(RelativeError(tiled.value, expected.value), tolerance)
          << p.name << " of " << p.keys << " x " << dim;
      if (dim == 9) {  // it rounds scores, which grow with the dimension
        const Outcome naive = Differentiate(AttendNaively, inputs, options);
        EXPECT_LT(RelativeError(naive.value, expected.value), tolerance)
            << p.name << " of " << p.keys << ", naive";
      }
      for (size_t i = 0; i < inputs.size(); ++i) {
        EXPECT_LT(RelativeError(tiled.gradients[i], expected.gradients[i]),
                  tolerance)
            << p.name << " of " << p.keys << " x " << dim << ", input " << i;
      }
    }
  }
}

TEST(Attention, F32AgreesWithF64) {
  CompareWithF64(DType::kF32, 5e-6, {4, 64, 65, 130});
}

TEST(Attention, Bf16AgreesWithF64) {
  CompareWithF64(DType::kBF16, 2e-2, {5, 65});
}

// Multiples of 32 are multiplied as bf16 where the CPU is fast at it; 72 is not
// one.
TEST(Attention, Bf16AgreesWithF64InEveryHeadDimension) {
  for (const int64_t dim : {32, 72, 96}) {
    CompareWithF64(DType::kBF16, 2e-2, {7, 130}, dim);
  }
  CompareWithF64(DType::kBF16, 2e-2, {65}, 64);
}

// Strips of two tiles, and pieces that a row's maximum rises over.
TEST(Attention, LongRowsAgreeWithF64) {
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    Problem p{"", 1, 1100, 1100, 2, 1, 32};
    p.pattern.causal = true;
    AttentionOptions options = OptionsOf(p);
    std::vector<Tensor> inputs = InputsOf(p, dtype), exact;
    for (int64_t j = 0; j < 1100; ++j) {  // longer keys later
      for (int64_t d = 0; d < 32; ++d) {
        const int64_t at = j * 32 + d;
        inputs[1].Set(at, inputs[1].At(at) * (j / 100) / 10.0);
      }
    }
    for (const Tensor& x : inputs) exact.push_back(Cast(x, DType::kF64));
    const Outcome expected = Differentiate(Attend, exact, options);
    const Outcome tiled = Differentiate(Attend, inputs, options);
    const double tolerance = dtype == DType::kF32 ? 5e-6 : 2e-2;
    EXPECT_LT(RelativeError(tiled.value, expected.value), tolerance);
    for (size_t i = 0; i < inputs.size(); ++i) {
      EXPECT_LT(RelativeError(tiled.gradients[i], expected.gradients[i]),
                tolerance)
          << "input " << i;
    }
  }
}

TEST(Attention, DecodingAFewQueriesAgreesWithTheWholeSequence) {
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    for (const Problem& p : Problems(150, 20)) {
      if (p.dropout > 0 || p.queries != p.keys) continue;
      const std::vector<Tensor> x = InputsOf(p, dtype);
      const AttentionOptions all = OptionsOf(p);
      const NoGrad no_grad;
      const Tensor expected = Attend(x, all);
      const int64_t last = p.queries - 3;
      std::vector<Tensor> few = x;
      few[0] = Slice(x[0], 1, last, 3);
      Problem part = p;
      part.queries = 3;
      for (Tensor* table :
           {&part.pattern.query_positions, &part.pattern.query_segments}) {
        if (table->defined()) *table = Slice(*table, 1, last, 3);
      }
      EXPECT_LT(RelativeError(Attend(few, OptionsOf(part)),
                              Slice(expected, 1, last, 3)),
                dtype == DType::kF32 ? 5e-6 : 2e-2)
          << p.name;
    }
  }
}

TEST(Attention, AQueryThatSeesNothingGivesZerosAndNoGradient) {
  Problem p = Packed(Problem{"", 2, 70, 70, 2, 2, 8});
  for (const DType dtype : {DType::kF64, DType::kF32}) {
    std::vector<Tensor> inputs = InputsOf(p, dtype);
    const Outcome outcome = Differentiate(Attend, inputs, OptionsOf(p));
    for (int64_t d = 0; d < 16; ++d) {  // the last token of row 0 is padding
      EXPECT_EQ(outcome.value.At(69 * 16 + d), 0);
      for (const Tensor& gradient : outcome.gradients) {
        EXPECT_EQ(gradient.At(69 * 16 + d), 0);
      }
    }
  }
}

TEST(Attention, AFutureTokenChangesNoEarlierBit) {
  Problem p{"", 1, 200, 200, 2, 1, 32};
  p.pattern.causal = true;
  const AttentionOptions options = OptionsOf(p);
  std::vector<Tensor> x = InputsOf(p, DType::kF32);
  const Tensor before = Attend(x, options);
  constexpr int64_t kChanged = 77;
  for (int i = 0; i < 3; ++i) {
    const int64_t width = x[i].dim(2) * x[i].dim(3);
    for (int64_t c = 0; c < width; ++c) x[i].Set(kChanged * width + c, 3.5);
  }
  const Tensor after = Attend(x, options);
  EXPECT_TRUE(
      SameBytes(Slice(before, 1, 0, kChanged), Slice(after, 1, 0, kChanged)));
  EXPECT_FALSE(
      SameBytes(Slice(before, 1, kChanged, 1), Slice(after, 1, kChanged, 1)));
}

void ExpectNoBitChangesWithThreads(DType dtype, int64_t dim) {
  for (Problem& p : Problems(200, dim)) {
    if (p.kv_heads == 1) p.batch = 1;  // a single task backward
    const AttentionOptions options = OptionsOf(p);
    const std::vector<Tensor> x = InputsOf(p, dtype);
    omp_set_num_threads(1);
    const Outcome one = Differentiate(Attend, x, options);
    omp_set_num_threads(2);
    const Outcome two = Differentiate(Attend, x, options);
    omp_set_num_threads(1);
    EXPECT_TRUE(SameBytes(one.value, two.value)) << p.name;
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_TRUE(SameBytes(one.gradients[i], two.gradients[i])) << p.name;
    }
  }
}

TEST(Attention, TheNumberOfThreadsChangesNoBit) {
  ExpectNoBitChangesWithThreads(DType::kF32, 16);
  ExpectNoBitChangesWithThreads(DType::kBF16, 32);
}

TEST(Attention, ASteadyStepTakesNoMemoryFromTheSystem) {
  Problem p{"", 2, 130, 130, 2, 2, 16};
  p.pattern.causal = true;
  p.dropout = 0.1;
  const AttentionOptions options = OptionsOf(p);
  const std::vector<Tensor> x = InputsOf(p, DType::kF32);
  Differentiate(Attend, x, options);
  Differentiate(Attend, x, options);
  const int64_t before = ReadMemoryCounters().system_blocks;
  Differentiate(Attend, x, options);
  EXPECT_EQ(ReadMemoryCounters().system_blocks, before);
}

TEST(Attention, MaskScoresFillsWhatIsNotAllowed) {
  Problem p{"", 1, 3, 3, 1, 1, 4};
  p.pattern.causal = true;
  const Tensor scores = Tensor::Full({1, 1, 3, 3}, DType::kF32, 1);
  EXPECT_EQ(MaskScores(scores, *OptionsOf(p).mask, -9).ToVector(),
            (std::vector<double>{1, -9, -9, 1, 1, -9, 1, 1, 1}));
}

}  // namespace
}  // namespace archlab
