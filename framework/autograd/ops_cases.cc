// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "autograd/ops_cases.h"

#include <cmath>

#include "archlab/ops.h"
#include "autograd/test_util.h"

namespace archlab {
namespace {

using Inputs = std::vector<Tensor>;

Tensor Normal(const Shape& shape, uint64_t seed) {
  return RandomTensor(shape, DType::kF64, seed);
}

void AddElementwise(std::vector<OpCase>& cases) {
  using Binary = Tensor (*)(const Tensor&, const Tensor&);
  const std::pair<const char*, Binary> binary[] = {
      {"Add", &Add}, {"Sub", &Sub}, {"Mul", &Mul}, {"Div", &Div}};
  const std::pair<Shape, Shape> shapes[] = {
      {{2, 3, 5}, {2, 3, 5}}, {{2, 3, 5}, {5}},       {{7}, {3, 1, 7}},
      {{2, 1, 5}, {1, 3, 1}}, {{2, 3, 4}, {2, 1, 4}}, {{3, 2}, {}}};
  for (const auto& [name, f] : binary) {
    for (const auto& [a, b] : shapes) {
      Tensor divisor = RandomIn(b, 0.5, 2, 2);
      cases.push_back({std::string(name) + a.ToString() + b.ToString(),
                       [f = f](const Inputs& x) { return f(x[0], x[1]); },
                       {Normal(a, 1), divisor}});
    }
  }
  cases.push_back({"Square of itself",
                   [](const Inputs& x) { return Mul(x[0], x[0]); },
                   {Normal({5, 3}, 1)}});
  cases.push_back({"Affine",
                   [](const Inputs& x) { return 3 * x[0] - 0.5; },
                   {Normal({5, 3}, 1)}});
}

void AddUnary(std::vector<OpCase>& cases) {
  using Unary = Tensor (*)(const Tensor&);
  const std::pair<const char*, Unary> anywhere[] = {
      {"Exp", &Exp},         {"Abs", &Abs},
      {"Square", &Square},   {"Tanh", &Tanh},
      {"Sigmoid", &Sigmoid}, {"Softplus", &Softplus},
      {"Relu", &Relu},       {"ReluSquared", &ReluSquared},
      {"GeluErf", &GeluErf}, {"GeluTanh", &GeluTanh},
      {"Silu", &Silu},       {"Elu", &Elu}};
  for (const auto& [name, f] : anywhere) {
    cases.push_back({name,
                     [f = f](const Inputs& x) { return f(x[0]); },
                     {AwayFromZero({3, 37}, 1)}});
  }
  const Tensor positive = RandomIn({3, 37}, 0.2, 3, 1);
  cases.push_back(
      {"Log", [](const Inputs& x) { return Log(x[0]); }, {positive}});
  cases.push_back(
      {"Sqrt", [](const Inputs& x) { return Sqrt(x[0]); }, {positive}});
  const std::pair<const char*, Gate> gates[] = {
      {"Gated silu", Gate::kSilu},
      {"Gated gelu", Gate::kGelu},
      {"Gated relu", Gate::kRelu},
      {"Gated sigmoid", Gate::kSigmoid}};
  for (const auto& [name, gate] : gates) {
    cases.push_back(
        {name,
         [gate = gate](const Inputs& x) { return Gated(x[0], x[1], gate); },
         {Normal({3, 17}, 1), AwayFromZero({3, 17}, 2)}});
  }
  cases.push_back({"MaskFill",
                   [](const Inputs& x) { return MaskFill(x[0], x[1], -2); },
                   {Normal({2, 3, 7}, 1), RandomIds({3, 7}, 2, 2)}});
  cases.push_back({"Dropout",
                   [](const Inputs& x) {
                     return Dropout(x[0], 0.3, Random(1, 2, 3).Skip(5));
                   },
                   {Normal({5, 13}, 1)}});
}

void AddShape(std::vector<OpCase>& cases) {
  const Tensor x = Normal({2, 3, 4, 5}, 1);
  cases.push_back({"Reshape",
                   [](const Inputs& x) {
                     return Reshape(x[0], {6, -1});
                   },
                   {x}});
  cases.push_back({"Permute",
                   [](const Inputs& x) {
                     return Permute(x[0], {2, 0, 3, 1});
                   },
                   {x}});
  cases.push_back(
      {"Transpose", [](const Inputs& x) { return Transpose(x[0]); }, {x}});
  for (int axis = -4; axis < 4; ++axis) {
    cases.push_back(
        {"Slice of axis " + std::to_string(axis),
         [axis](const Inputs& x) { return Slice(x[0], axis, 1, 1); },
         {x}});
    cases.push_back(
        {"Concat along " + std::to_string(axis),
         [axis](const Inputs& x) {
           return Concat({x[0], x[1], Slice(x[0], axis, 0, 1)}, axis);
         },
         {x, Normal(x.shape(), 2)}});
  }
  cases.push_back({"Expand",
                   [](const Inputs& x) {
                     return Expand(x[0], {4, 2, 3, 5});
                   },
                   {Normal({2, 1, 5}, 1)}});
}

void AddReduce(std::vector<OpCase>& cases) {
  const Tensor x = Normal({3, 4, 5}, 1);
  for (int axis = -1; axis < 3; ++axis) {
    const std::string where = " over " + std::to_string(axis);
    cases.push_back({"Sum" + where,
                     [axis](const Inputs& x) { return Sum(x[0], axis); },
                     {x}});
    cases.push_back({"Mean" + where,
                     [axis](const Inputs& x) { return Mean(x[0], axis); },
                     {x}});
    cases.push_back({"Max" + where,
                     [axis](const Inputs& x) { return Max(x[0], axis); },
                     {x}});
  }
  cases.push_back(
      {"SumAll", [](const Inputs& x) { return SumAll(x[0]); }, {x}});
  cases.push_back(
      {"MeanAll", [](const Inputs& x) { return MeanAll(x[0]); }, {x}});
}

void AddMatrices(std::vector<OpCase>& cases) {
  const std::pair<Shape, Shape> leading[] = {
      {{}, {}}, {{4}, {4}}, {{2, 3}, {}}, {{3}, {2, 1}}, {{2, 3}, {2, 3}}};
  const auto with = [](const Shape& lead, int64_t rows, int64_t columns) {
    std::vector<int64_t> dims(lead.dims().begin(), lead.dims().end());
    dims.push_back(rows);
    dims.push_back(columns);
    return Shape(absl::MakeConstSpan(dims));
  };
  for (int flags = 0; flags < 4; ++flags) {
    const bool ta = flags & 1, tb = flags & 2;
    for (const auto& [la, lb] : leading) {
      const Shape a = ta ? with(la, 5, 3) : with(la, 3, 5);
      const Shape b = tb ? with(lb, 7, 5) : with(lb, 5, 7);
      cases.push_back(
          {"MatMul " + a.ToString() + b.ToString() + std::to_string(flags),
           [ta, tb](const Inputs& x) { return MatMul(x[0], x[1], ta, tb); },
           {Normal(a, 1), Normal(b, 2)}});
    }
  }
  for (const Shape& x : {Shape{6, 5}, Shape{2, 3, 5}, Shape{5}}) {
    cases.push_back({"Linear of " + x.ToString(),
                     [](const Inputs& x) { return Linear(x[0], x[1], x[2]); },
                     {Normal(x, 1), Normal({4, 5}, 2), Normal({4}, 3)},
                     {2}});
  }
  cases.push_back({"LinearWide",
                   [](const Inputs& x) { return LinearWide(x[0], x[1], x[2]); },
                   {Normal({3, 5}, 1), Normal({4, 5}, 2), Normal({4}, 3)},
                   {2}});
  cases.push_back({"Linear without bias",
                   [](const Inputs& x) { return Linear(x[0], x[1], Tensor()); },
                   {Normal({6, 64}, 1), Normal({32, 64}, 2)}});
}

void AddNorms(std::vector<OpCase>& cases) {
  const Tensor x = Normal({3, 2, 19}, 1), gain = RandomIn({19}, 0.5, 1.5, 2),
               bias = Normal({19}, 3);
  cases.push_back(
      {"Softmax", [](const Inputs& x) { return Softmax(x[0]); }, {x}});
  cases.push_back(
      {"LogSoftmax", [](const Inputs& x) { return LogSoftmax(x[0]); }, {x}});
  cases.push_back(
      {"LayerNorm",
       [](const Inputs& x) { return LayerNorm(x[0], x[1], x[2], 1e-3); },
       {x, gain, bias},
       {1, 2}});
  cases.push_back(
      {"LayerNorm without bias",
       [](const Inputs& x) { return LayerNorm(x[0], x[1], Tensor(), 1e-3); },
       {x, gain},
       {1}});
  cases.push_back({"LayerNorm without gain",
                   [](const Inputs& x) {
                     return LayerNorm(x[0], Tensor(), Tensor(), 1e-3);
                   },
                   {x}});
  cases.push_back({"RmsNorm",
                   [](const Inputs& x) { return RmsNorm(x[0], x[1], 1e-3); },
                   {x, gain},
                   {1}});
  cases.push_back(
      {"RmsNorm without gain",
       [](const Inputs& x) { return RmsNorm(x[0], Tensor(), 1e-3); },
       {x}});
}

void AddGathers(std::vector<OpCase>& cases) {
  cases.push_back({"Embed",
                   [](const Inputs& x) { return Embed(x[0], x[1]); },
                   {Normal({11, 5}, 1), RandomIds({3, 7}, 11, 2)}});
  cases.push_back({"GatherRows",
                   [](const Inputs& x) { return GatherRows(x[0], x[1]); },
                   {Normal({4, 5}, 1), RandomIds({9}, 4, 2)}});
  Tensor cosine = Tensor::Empty({6, 3}, DType::kF64);
  Tensor sine = Tensor::Empty({6, 3}, DType::kF64);
  for (int64_t i = 0; i < cosine.size(); ++i) {
    cosine.Set(i, std::cos(i));
    sine.Set(i, std::sin(i));
  }
  for (const bool interleaved : {false, true}) {
    cases.push_back({interleaved ? "Rotary interleaved" : "Rotary",
                     [=](const Inputs& x) {
                       return Rotary(x[0], cosine, sine, x[1], interleaved);
                     },
                     {Normal({2, 4, 3, 8}, 1), RandomIds({2, 4}, 6, 2)}});
  }
}

void AddLosses(std::vector<OpCase>& cases) {
  const Tensor targets = RandomIds({9}, 13, 5);
  const Tensor weights =
      Tensor::From({9}, {1, 0.5, 0, 2, 1, 1, 0.25, 1, 3}, DType::kF32);
  for (const double smoothing : {0.0, 0.1}) {
    const std::string with = smoothing > 0 ? " smoothed" : "";
    cases.push_back({"CrossEntropy" + with,
                     [=](const Inputs& x) {
                       return CrossEntropy(x[0], targets, weights, smoothing);
                     },
                     {Normal({9, 13}, 1)}});
    cases.push_back({"LinearCrossEntropy" + with,
                     [=](const Inputs& x) {
                       return LinearCrossEntropy(x[0], x[1], x[2], targets,
                                                 weights, smoothing);
                     },
                     {Normal({9, 6}, 1), Normal({13, 6}, 2), Normal({13}, 3)},
                     {2}});
  }
  cases.push_back({"LinearCrossEntropy scaled",
                   [=](const Inputs& x) {
                     return 0.3 * LinearCrossEntropy(x[0], x[1], Tensor(),
                                                     targets, weights);
                   },
                   {Normal({9, 6}, 1), Normal({13, 6}, 2)}});
}

}  // namespace

std::vector<OpCase> OpCases() {
  std::vector<OpCase> cases;
  AddElementwise(cases);
  AddUnary(cases);
  AddShape(cases);
  AddReduce(cases);
  AddMatrices(cases);
  AddNorms(cases);
  AddGathers(cases);
  AddLosses(cases);
  return cases;
}

}  // namespace archlab
