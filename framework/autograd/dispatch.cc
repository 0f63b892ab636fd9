// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "autograd/dispatch.h"

#include <algorithm>

#include "kernels/kernels.h"

namespace archlab {

DType Promote(DType a, DType b) {
  if (a == b) return a;
  const auto is_short = [](DType t) {
    return t == DType::kF32 || t == DType::kBF16;
  };
  ARCHLAB_CHECK(is_short(a) && is_short(b))
      << "no common dtype of " << a << " and " << b << "; use Cast";
  return DType::kF32;
}

Shape BroadcastShape(const Shape& a, const Shape& b) {
  Shape result = a.rank() >= b.rank() ? a : b;
  for (int i = 1; i <= std::min(a.rank(), b.rank()); ++i) {
    ARCHLAB_CHECK(a[-i] == b[-i] || a[-i] == 1 || b[-i] == 1)
        << a << " does not broadcast with " << b;
    result.set(-i, a[-i] == 1 ? b[-i] : a[-i]);
  }
  return result;
}

namespace {

// x summed over the dimensions [begin, end), which become length 1.
Tensor SumRange(const Tensor& x, int begin, int end) {
  Shape shape = x.shape();
  const int64_t outer = Extent(shape, 0, begin);
  const int64_t n = Extent(shape, begin, end);
  const int64_t inner = Extent(shape, end, shape.rank());
  for (int i = begin; i < end; ++i) shape.set(i, 1);
  Tensor y = Tensor::Empty(shape, WideDType(x.dtype()));
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    SumAxis<T, Wide<T>>(x.data<T>(), y.data<Wide<T>>(), outer, n, inner);
  });
  return y;
}

}  // namespace

Tensor SumTo(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const int lead = x.rank() - shape.rank();
  Tensor sum = x.Detach();
  const auto reduced = [&](int i) {
    return x.dim(i) != 1 && (i < lead || shape[i - lead] == 1);
  };
  for (int begin = 0; begin < x.rank(); ++begin) {
    if (!reduced(begin)) continue;
    int end = begin + 1;
    while (end < x.rank() && reduced(end)) ++end;
    sum = SumRange(sum, begin, end);
    begin = end;
  }
  return sum.View(shape);
}

void AddInPlace(Tensor& y, const Tensor& x) {
  ARCHLAB_CHECK_EQ(y.shape(), x.shape());
  ARCHLAB_CHECK_EQ(y.dtype(), x.dtype());
  Dispatch(y.dtype(), [&](auto t) {
    using T = decltype(t);
    Axpy<T, T>(1, x.data<T>(), y.data<T>(), y.size());
  });
}

int CheckAxis(int axis, int rank) {
  ARCHLAB_CHECK(-rank <= axis && axis < rank)
      << "axis " << axis << " of rank " << rank;
  return axis < 0 ? axis + rank : axis;
}

int64_t Extent(const Shape& shape, int begin, int end) {
  int64_t extent = 1;
  for (int i = begin; i < end; ++i) extent *= shape[i];
  return extent;
}

}  // namespace archlab
