// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rows by index, and rotary embedding.

#include "absl/container/inlined_vector.h"
#include "archlab/ops.h"
#include "autograd/dispatch.h"
#include "autograd/tape.h"
#include "kernels/kernels.h"

namespace archlab {
namespace {

// table [V, C], ids [...] -> [..., C]. The gradient of a bf16 table is f32.
Tensor Gather(const char* name, const Tensor& table, const Tensor& ids) {
  ARCHLAB_CHECK_EQ(table.rank(), 2) << name;
  const int64_t rows = table.dim(0), width = table.dim(1);
  absl::InlinedVector<int64_t, Shape::kMaxRank> dims(ids.shape().dims().begin(),
                                                     ids.shape().dims().end());
  dims.push_back(width);
  Tensor y = Tensor::Empty(Shape(absl::MakeConstSpan(dims)), table.dtype());
  Dispatch(table.dtype(), [&](auto t) {
    using T = decltype(t);
    GatherRowsForward<T>(table.data<T>(), ids.data<int32_t>(), y.data<T>(),
                         ids.size(), rows, width);
  });
  return Record(
      name, y, {table},
      [ids = ids.Detach(), rows, width](const Tensor& dy, Gradients& out) {
        Tensor dtable = Tensor::Zeros({rows, width}, WideDType(dy.dtype()));
        Dispatch(dy.dtype(), [&](auto t) {
          using T = decltype(t);
          GatherRowsBackward<T, Wide<T>>(dy.data<T>(), ids.data<int32_t>(),
                                         dtable.data<Wide<T>>(), ids.size(),
                                         rows, width);
        });
        out.Add(0, dtable);
      });
}

// A table of cosines or sines in the dtype that x is rotated in.
Tensor AngleTable(const Tensor& table, const Tensor& x) {
  return Cast(table.Detach(), WideDType(x.dtype()));
}

// Rotates x, or back for the gradient; off the tape.
Tensor Rotate(const Tensor& x, const Tensor& cosine, const Tensor& sine,
              const Tensor& positions, bool interleaved, bool inverse) {
  Tensor y = EmptyLike(x);
  Dispatch(x.dtype(), [&](auto t) {
    using T = decltype(t);
    using W = Wide<T>;
    RotaryForward<T>(x.data<T>(), cosine.data<W>(), sine.data<W>(),
                     positions.data<int32_t>(), y.data<T>(),
                     x.dim(0) * x.dim(1), x.dim(2), x.dim(3), cosine.dim(1),
                     interleaved, inverse);
  });
  return y;
}

}  // namespace

Tensor Embed(const Tensor& table, const Tensor& ids) {
  return Gather("Embed", table, ids);
}

Tensor GatherRows(const Tensor& x, const Tensor& rows) {
  ARCHLAB_CHECK_EQ(rows.rank(), 1) << "GatherRows";
  return Gather("GatherRows", x, rows);
}

Tensor Rotary(const Tensor& x, const Tensor& cosine0, const Tensor& sine0,
              const Tensor& positions, bool interleaved) {
  ARCHLAB_CHECK_EQ(x.rank(), 4) << "Rotary of [B, T, H, D]";
  ARCHLAB_CHECK_EQ(positions.shape(), Shape({x.dim(0), x.dim(1)}));
  ARCHLAB_CHECK_EQ(cosine0.shape(), sine0.shape());
  ARCHLAB_CHECK_LE(2 * cosine0.dim(1), x.dim(3)) << "Rotary";
  const Tensor cosine = AngleTable(cosine0, x), sine = AngleTable(sine0, x);
  const Tensor y = Rotate(x, cosine, sine, positions, interleaved, false);
  return Record(
      "Rotary", y, {x},
      [cosine, sine, positions = positions.Detach(), interleaved](
          const Tensor& dy, Gradients& out) {
        out.Add(0, Rotate(dy, cosine, sine, positions, interleaved, true));
      });
}

}  // namespace archlab
