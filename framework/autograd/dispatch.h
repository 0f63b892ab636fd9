// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Small helpers shared by the operations: from a run-time dtype to kernels'
// template parameters, result types, broadcasting.

#ifndef ARCHLAB_AUTOGRAD_DISPATCH_H_
#define ARCHLAB_AUTOGRAD_DISPATCH_H_

#include <utility>

#include "archlab/check.h"
#include "archlab/tensor.h"
#include "kernels/types.h"

namespace archlab {

// Calls f with a value of the C++ type of `dtype`, which must be a float type:
//   Dispatch(x.dtype(), [&](auto t) { using T = decltype(t); ... });
template <class F>
void Dispatch(DType dtype, F&& f) {
  switch (dtype) {
    case DType::kF64:
      return f(double());
    case DType::kF32:
      return f(float());
    case DType::kBF16:
      return f(BF16());
    case DType::kI32:
      break;
  }
  ARCHLAB_CHECK(false) << "not for dtype " << dtype;
}

// The dtype of a result from both: equal, or f32 from f32 and bf16.
DType Promote(DType a, DType b);

// f32 for bf16, else the dtype itself: sums, statistics, gains.
inline DType WideDType(DType dtype) {
  return dtype == DType::kBF16 ? DType::kF32 : dtype;
}

inline Tensor EmptyLike(const Tensor& x) {
  return Tensor::Empty(x.shape(), x.dtype());
}

template <class T>
const T* DataOrNull(const Tensor& x) {
  return x.defined() ? x.data<T>() : nullptr;
}

// NumPy's: aligned at the last dimension, lengths equal or 1.
Shape BroadcastShape(const Shape& a, const Shape& b);

// The gradient of broadcasting: sums x over the dimensions in which `shape` is
// shorter. bf16 comes back as f32 where something was summed.
Tensor SumTo(const Tensor& x, const Shape& shape);

// y += x for equal shapes, off the tape.
void AddInPlace(Tensor& y, const Tensor& x);

// axis >= 0 for a rank, counting negative ones from the end.
int CheckAxis(int axis, int rank);

// Product of the dimensions [begin, end).
int64_t Extent(const Shape& shape, int begin, int end);

}  // namespace archlab

#endif  // ARCHLAB_AUTOGRAD_DISPATCH_H_
