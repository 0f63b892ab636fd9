// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/gradients.h"

#include <algorithm>
#include <cmath>

#include "archlab/check.h"
#include "archlab/parallel_for.h"
#include "tensor/storage.h"

namespace archlab {
namespace {

constexpr int64_t kChunk = 1 << 14;  // elements

// Sum of squares of one chunk; eight sums, so that it can use vectors.
double ChunkSquares(const float* x, int64_t n) {
  double sums[8] = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int j = 0; j < 8; ++j) {
      const double value = x[i + j];
      sums[j] += value * value;
    }
  for (; i < n; ++i) sums[0] += static_cast<double>(x[i]) * x[i];
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

template <class T>
bool Finite(const Tensor& tensor) {
  const T* x = tensor.data<T>();
  const int64_t n = tensor.size();
  for (int64_t i = 0; i < n; ++i)
    if (!std::isfinite(x[i])) return false;
  return true;
}

// to[begin, end) = from, or += from.
void AddChunk(const Tensor& from, int64_t begin, int64_t end, bool assign,
              float* to) {
  const auto put = [&](auto value) {
    for (int64_t i = begin; i < end; ++i)
      to[i] = assign ? value(i) : to[i] + value(i);
  };
  if (from.dtype() == DType::kBF16) {
    const BF16* x = from.data<BF16>();
    put([x](int64_t i) { return x[i].ToFloat(); });
  } else {
    const float* x = from.data<float>();
    put([x](int64_t i) { return x[i]; });
  }
}

}  // namespace

GradientSum::GradientSum(ParameterStore* store)
    : store_(store), sums_(store->parameters().size()) {}

void GradientSum::Clear() { sums_.assign(sums_.size(), Tensor()); }

void GradientSum::AddFromStore() {
  const auto& parameters = store_->parameters();
  for (size_t p = 0; p < parameters.size(); ++p) {
    if (!parameters[p]->trained) continue;
    const Tensor gradient = store_->Gradient(*parameters[p]);
    parameters[p]->compute.ClearGrad();
    Tensor& sum = sums_[p];
    if (!gradient.defined()) {
      if (!sum.defined())
        sum = Tensor::Zeros(parameters[p]->shape, DType::kF32);
      continue;
    }
    ARCHLAB_CHECK_EQ(gradient.size(), parameters[p]->shape.size())
        << parameters[p]->path;
    const bool first = !sum.defined();
    if (first && gradient.dtype() == DType::kF32 && gradient.is_sole_owner()) {
      sum = gradient;
      continue;
    }
    if (first) sum = Tensor::Empty(parameters[p]->shape, DType::kF32);
    float* const to = sum.data<float>();
    ParallelFor(sum.size(), kChunk, [&](int64_t begin, int64_t end) {
      AddChunk(gradient, begin, end, first, to);
    });
  }
}

double GradientSum::Norm() const {
  double total = 0;
  CacheVector<double> chunks;
  for (const Tensor& sum : sums_) {
    if (!sum.defined()) continue;
    const float* const x = sum.data<float>();
    chunks.assign(static_cast<size_t>((sum.size() + kChunk - 1) / kChunk), 0);
    ParallelFor(sum.size(), kChunk, [&](int64_t begin, int64_t end) {
      chunks[static_cast<size_t>(begin / kChunk)] =
          ChunkSquares(x + begin, end - begin);
    });
    for (const double chunk : chunks) total += chunk;
  }
  return std::sqrt(total);
}

void GradientSum::Scale(float factor) {
  for (Tensor& sum : sums_) {
    if (!sum.defined()) continue;
    float* const x = sum.data<float>();
    ParallelFor(sum.size(), kChunk, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) x[i] *= factor;
    });
  }
}

absl::Span<const float> GradientSum::of(size_t i) const {
  return {sums_[i].data<float>(), static_cast<size_t>(sums_[i].size())};
}

std::string GradientSum::FirstNotFinite() const {
  for (size_t p = 0; p < sums_.size(); ++p)
    if (sums_[p].defined() && !AllFinite(sums_[p]))
      return store_->parameters()[p]->path;
  return "";
}

bool AllFinite(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::kF32:
      return Finite<float>(tensor);
    case DType::kF64:
      return Finite<double>(tensor);
    case DType::kBF16: {
      const BF16* x = tensor.data<BF16>();
      return std::all_of(x, x + tensor.size(), [](BF16 value) {
        return std::isfinite(value.ToFloat());
      });
    }
    case DType::kI32:
      return true;
  }
  return true;
}

}  // namespace archlab
