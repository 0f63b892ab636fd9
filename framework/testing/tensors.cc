// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Tensors for tests: numbers to compute with, comparisons, gradient checks.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "archlab/random.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

// Sum of the elements of y with fixed weights, so that no gradient cancels.
Tensor Weighed(const Tensor& y) {
  return SumAll(y * TestTensor(y.shape(), y.dtype(), 4711));
}

double LargestMagnitude(const Tensor& x) {
  double largest = 0;
  for (int64_t i = 0; i < x.size(); ++i)
    largest = std::max(largest, std::abs(x.At(i)));
  return largest;
}

// The derivative of `f` by element i of `leaf`.
double CentralDifference(const std::function<double()>& f, Tensor leaf,
                         int64_t i) {
  const double before = leaf.At(i);
  const double h = 1e-5 * std::max(1.0, std::abs(before));
  leaf.Set(i, before + h);
  const double above = f();
  leaf.Set(i, before - h);
  const double below = f();
  leaf.Set(i, before);
  return (above - below) / (2 * h);
}

}  // namespace

Surroundings TestSurroundings() { return TestSurroundings(DType::kF64); }

Surroundings TestSurroundings(DType dtype) {
  Surroundings at;
  at.width = 16;
  at.heads = 4;
  at.kv_heads = 4;
  at.head_dim = 4;
  at.experts = 5;
  at.vocabulary = 11;
  at.max_tokens = 12;
  at.layer = 0;
  at.layers = 2;
  at.init_std = 0.3;  // large enough for gradients to be seen
  at.residual_init_std = 0.2;
  at.seed = 7;
  at.dtype = dtype;
  return at;
}

Tensor TestTensor(const Shape& shape, DType dtype, uint64_t seed,
                  double scale) {
  Random random(seed, 0, SiteHash("test tensor"));
  Tensor x = Tensor::Empty(shape, dtype);
  for (int64_t i = 0; i < x.size(); ++i) x.Set(i, scale * random.Normal());
  return x;
}

Tensor TestPositions(int64_t batch, int64_t tokens, int64_t first) {
  Tensor positions = Tensor::Empty({batch, tokens}, DType::kI32);
  for (int64_t i = 0; i < positions.size(); ++i)
    positions.Set(i, first + i % tokens);
  return positions;
}

AssertionResult SameBits(const Tensor& a, const Tensor& b) {
  if (!(a.shape() == b.shape()) || a.dtype() != b.dtype())
    return AssertionFailure()
           << a.dtype() << a.shape() << " against " << b.dtype() << b.shape();
  if (std::memcmp(a.raw(), b.raw(), a.bytes()) == 0) return AssertionSuccess();
  for (int64_t i = 0; i < a.size(); ++i)
    if (a.At(i) != b.At(i))
      return AssertionFailure()
             << "element " << i << ": " << a.At(i) << " against " << b.At(i);
  return AssertionFailure() << "zeros of different sign, or not a number";
}

AssertionResult Near(const Tensor& actual, const Tensor& expected,
                     double tolerance) {
  if (!(actual.shape() == expected.shape()))
    return AssertionFailure()
           << actual.shape() << " against " << expected.shape();
  const double allowed = tolerance * std::max(1.0, LargestMagnitude(expected));
  for (int64_t i = 0; i < actual.size(); ++i)
    if (!(std::abs(actual.At(i) - expected.At(i)) <= allowed))
      return AssertionFailure()
             << "element " << i << ": " << actual.At(i) << " against "
             << expected.At(i) << ", allowed difference " << allowed;
  return AssertionSuccess();
}

AssertionResult GradientsMatch(const std::function<Tensor()>& f,
                               std::vector<Tensor> leaves, double tolerance,
                               int64_t probes) {
  for (Tensor& leaf : leaves) leaf.ClearGrad();
  Backward(Weighed(f()));
  const auto value = [&] {
    NoGrad no_grad;
    return Weighed(f()).At(0);
  };
  for (size_t l = 0; l < leaves.size(); ++l) {
    const Tensor& leaf = leaves[l];
    const Tensor gradient = leaf.grad();
    if (!gradient.defined())
      return AssertionFailure() << "leaf " << l << " got no gradient";
    const double allowed =
        tolerance * std::max(1e-3, LargestMagnitude(gradient));
    const int64_t stride = std::max<int64_t>(1, leaf.size() / probes);
    for (int64_t i = 0; i < leaf.size(); i += stride) {
      const double expected = CentralDifference(value, leaf, i);
      if (!(std::abs(gradient.At(i) - expected) <= allowed))
        return AssertionFailure()
               << "leaf " << l << " " << leaf.shape() << ", element " << i
               << ": gradient " << gradient.At(i) << ", difference quotient "
               << expected << ", allowed difference " << allowed;
    }
  }
  return AssertionSuccess();
}

}  // namespace archlab
