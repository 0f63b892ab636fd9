// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Inputs and comparisons shared by the tests of operations.

#ifndef ARCHLAB_AUTOGRAD_TEST_UTIL_H_
#define ARCHLAB_AUTOGRAD_TEST_UTIL_H_

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "archlab/ops.h"
#include "archlab/random.h"
#include "archlab/tensor.h"

namespace archlab {

// Standard normal numbers, the same for every dtype up to rounding.
inline Tensor RandomTensor(const Shape& shape, DType dtype, uint64_t seed) {
  Random random(seed, 0, 0);
  Tensor x = Tensor::Empty(shape, DType::kF64);
  for (int64_t i = 0; i < x.size(); ++i) x.Set(i, random.Normal());
  return Cast(x, dtype);
}

// Numbers in [low, high].
inline Tensor RandomIn(const Shape& shape, double low, double high,
                       uint64_t seed) {
  Random random(seed, 0, 0);
  Tensor x = Tensor::Empty(shape, DType::kF64);
  for (int64_t i = 0; i < x.size(); ++i) {
    x.Set(i, low + (high - low) * random.Uniform());
  }
  return x;
}

// Normal numbers, none nearer to 0 than 0.05.
inline Tensor AwayFromZero(const Shape& shape, uint64_t seed) {
  Tensor x = RandomTensor(shape, DType::kF64, seed);
  for (int64_t i = 0; i < x.size(); ++i) {
    const double value = x.At(i);
    x.Set(i, value + std::copysign(0.05, value));
  }
  return x;
}

inline Tensor RandomIds(const Shape& shape, int32_t below, uint64_t seed) {
  Random random(seed, 0, 0);
  std::vector<int32_t> ids(shape.size());
  for (int32_t& id : ids) id = random.Below(below);
  return Tensor::FromI32(shape, ids);
}

// Largest |a - b| relative to the largest |b|; infinity when shapes differ or
// something is not finite.
inline double RelativeError(const Tensor& a, const Tensor& b) {
  if (!(a.shape() == b.shape())) return INFINITY;
  double error = 0, largest = 1e-30;
  for (int64_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a.At(i))) return INFINITY;
    error = std::max(error, std::abs(a.At(i) - b.At(i)));
    largest = std::max(largest, std::abs(b.At(i)));
  }
  return error / largest;
}

inline bool SameBytes(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

}  // namespace archlab

#endif  // ARCHLAB_AUTOGRAD_TEST_UTIL_H_
