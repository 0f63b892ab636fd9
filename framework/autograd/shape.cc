// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Operations that move elements and compute nothing.

#include <array>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "archlab/ops.h"
#include "autograd/dispatch.h"
#include "autograd/tape.h"
#include "kernels/kernels.h"

namespace archlab {
namespace {

using Strides = std::array<int64_t, Shape::kMaxRank>;

Strides DenseStrides(const Shape& shape) {
  Strides strides = {};
  int64_t stride = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

absl::Span<const int64_t> First(const Strides& strides, int rank) {
  return absl::MakeConstSpan(strides.data(), rank);
}

using Order = absl::InlinedVector<int, Shape::kMaxRank>;

Tensor PermuteBy(const Tensor& x, const Order& order) {
  ARCHLAB_CHECK_EQ(int64_t(order.size()), x.rank()) << "Permute";
  Shape shape = x.shape();
  Order inverse(order.size());
  const Strides dense = DenseStrides(x.shape());
  Strides strides = {};
  for (int i = 0; i < x.rank(); ++i) {
    shape.set(i, x.dim(order[i]));
    strides[i] = dense[order[i]];
    inverse[order[i]] = i;
  }
  Tensor y = Tensor::Empty(shape, x.dtype());
  CopyStrided(DTypeBytes(x.dtype()), shape.dims(), x.raw(),
              First(strides, x.rank()), y.raw(),
              First(DenseStrides(shape), x.rank()));
  return Record("Permute", y, {x}, [inverse](const Tensor& dy, Gradients& out) {
    out.Add(0, PermuteBy(dy, inverse));
  });
}

// Copies `part` to entries [begin, ...) of `axis` of `whole`, or back.
enum class Direction { kIntoWhole, kOutOfWhole };
void CopyPart(Direction direction, Tensor& whole, Tensor& part, int axis,
              int64_t begin) {
  const Strides whole_strides = DenseStrides(whole.shape());
  const Strides part_strides = DenseStrides(part.shape());
  const int64_t bytes = DTypeBytes(whole.dtype());
  char* at =
      static_cast<char*>(whole.raw()) + begin * whole_strides[axis] * bytes;
  const auto outer = First(whole_strides, whole.rank());
  const auto inner = First(part_strides, part.rank());
  if (part.size() == 0) return;
  if (direction == Direction::kIntoWhole) {
    CopyStrided(bytes, part.shape().dims(), part.raw(), inner, at, outer);
  } else {
    CopyStrided(bytes, part.shape().dims(), at, outer, part.raw(), inner);
  }
}

}  // namespace

Tensor Reshape(const Tensor& x, const Shape& shape) {
  return Record("Reshape", x.View(shape), {x},
                [before = x.shape()](const Tensor& dy, Gradients& out) {
                  out.Add(0, dy.View(before));
                });
}

Tensor Permute(const Tensor& x, std::initializer_list<int> order) {
  return PermuteBy(x, Order(order));
}

Tensor Transpose(const Tensor& x) {
  ARCHLAB_CHECK_GE(x.rank(), 2) << "Transpose";
  Order order(x.rank());
  for (int i = 0; i < x.rank(); ++i) order[i] = i;
  std::swap(order[x.rank() - 1], order[x.rank() - 2]);
  return PermuteBy(x, order);
}

Tensor Slice(const Tensor& x, int axis, int64_t begin, int64_t count) {
  axis = CheckAxis(axis, x.rank());
  ARCHLAB_CHECK(begin >= 0 && count >= 0 && begin + count <= x.dim(axis))
      << "Slice [" << begin << ", " << begin + count << ") of " << x.shape();
  Tensor y;
  if (axis == 0) {
    y = x.Rows(begin, count);
  } else {
    Shape shape = x.shape();
    shape.set(axis, count);
    y = Tensor::Empty(shape, x.dtype());
    Tensor whole = x.Detach();
    CopyPart(Direction::kOutOfWhole, whole, y, axis, begin);
  }
  return Record(
      "Slice", y, {x},
      [axis, begin, before = x.shape()](const Tensor& dy, Gradients& out) {
        Tensor dx = Tensor::Zeros(before, dy.dtype());
        Tensor part = dy;
        CopyPart(Direction::kIntoWhole, dx, part, axis, begin);
        out.Add(0, dx);
      });
}

Tensor Concat(const std::vector<Tensor>& parts, int axis) {
  ARCHLAB_CHECK(!parts.empty()) << "Concat of nothing";
  axis = CheckAxis(axis, parts[0].rank());
  Shape shape = parts[0].shape();
  int64_t total = 0;
  std::vector<int64_t> lengths;
  for (const Tensor& part : parts) {
    ARCHLAB_CHECK_EQ(part.dtype(), parts[0].dtype()) << "Concat";
    shape.set(axis, part.dim(axis));
    ARCHLAB_CHECK_EQ(part.shape(), shape) << "Concat along " << axis;
    lengths.push_back(part.dim(axis));
    total += part.dim(axis);
  }
  shape.set(axis, total);
  Tensor y = Tensor::Empty(shape, parts[0].dtype());
  int64_t begin = 0;
  for (const Tensor& part : parts) {
    Tensor source = part.Detach();
    CopyPart(Direction::kIntoWhole, y, source, axis, begin);
    begin += part.dim(axis);
  }
  return CustomOp("Concat", y, parts,
                  [axis, lengths](const Tensor& dy, Gradients& out) {
                    int64_t begin = 0;
                    for (size_t i = 0; i < lengths.size(); ++i) {
                      if (out.Needs(i)) {
                        out.Add(i, Slice(dy, axis, begin, lengths[i]));
                      }
                      begin += lengths[i];
                    }
                  });
}

Tensor Expand(const Tensor& x, const Shape& shape) {
  ARCHLAB_CHECK_EQ(BroadcastShape(x.shape(), shape), shape) << "Expand";
  Strides strides = {};
  const Strides dense = DenseStrides(x.shape());
  const int lead = shape.rank() - x.rank();
  for (int i = 0; i < x.rank(); ++i) {
    strides[lead + i] = x.dim(i) == 1 ? 0 : dense[i];
  }
  Tensor y = Tensor::Empty(shape, x.dtype());
  CopyStrided(DTypeBytes(x.dtype()), shape.dims(), x.raw(),
              First(strides, shape.rank()), y.raw(),
              First(DenseStrides(shape), shape.rank()));
  return Record("Expand", y, {x},
                [before = x.shape()](const Tensor& dy, Gradients& out) {
                  out.Add(0, SumTo(dy, before));
                });
}

}  // namespace archlab
