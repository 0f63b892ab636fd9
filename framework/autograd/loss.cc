// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Cross-entropy. Both forms compute the gradient while the logits are at hand,
// so that backward only scales it.

#include <algorithm>
#include <cstring>

#include "archlab/ops.h"
#include "autograd/dispatch.h"
#include "autograd/tape.h"
#include "kernels/kernels.h"

namespace archlab {
namespace {

// Logits held at once: 16 MB of them, but enough rows for a fast product.
constexpr int64_t kChunkLogits = int64_t{1} << 22;
constexpr int64_t kMinChunkRows = 256;

void CheckRows(int64_t rows, const Tensor& targets, const Tensor& weights) {
  ARCHLAB_CHECK_EQ(targets.shape(), Shape({rows})) << "targets";
  ARCHLAB_CHECK_EQ(weights.shape(), Shape({rows})) << "weights";
}

Tensor Scalar(double value, DType dtype) {
  return Tensor::Full(Shape(), WideDType(dtype), value);
}

// The operands of one call, and what it makes; gradients undefined where not
// wanted, in f32 for bf16. `columns` >= V classes: weight, bias and their
// gradients are padded so far, with zeros, where products want it.
struct Head {
  int64_t classes, columns;
  Tensor hidden, weight, bias, targets, row_weights;
  double smoothing;
  Tensor d_hidden, d_weight, d_bias;
};

MatMulShape Matrix(int64_t m, int64_t n, int64_t k, bool transpose_a,
                   bool transpose_b) {
  MatMulShape shape;
  shape.m = m;
  shape.n = n;
  shape.k = k;
  shape.transpose_a = transpose_a;
  shape.transpose_b = transpose_b;
  return shape;
}

// Gradients of rows [begin, begin + rows), whose d_logits are in T.
template <class T>
void HeadGradients(Head& head, int64_t begin, int64_t rows, const T* d_logits) {
  const int64_t width = head.weight.dim(1), columns = head.columns;
  if (head.d_hidden.defined()) {
    MatMulForward<T, T, T>(Matrix(rows, width, columns, false, false), 1,
                           d_logits, head.weight.data<T>(), 0,
                           head.d_hidden.data<T>() + begin * width);
  }
  if (head.d_weight.defined()) {
    MatMulForward<T, T, Wide<T>>(
        Matrix(columns, width, rows, true, false), 1, d_logits,
        head.hidden.data<T>() + begin * width, begin == 0 ? 0 : 1,
        head.d_weight.data<Wide<T>>());
  }
}

// The loss of rows [begin, begin + rows); adds to the gradients that are
// wanted.
template <class T>
double HeadChunk(Head& head, int64_t begin, int64_t rows) {
  using W = Wide<T>;
  const int64_t width = head.weight.dim(1), columns = head.columns;
  const DType wide = WideDType(head.hidden.dtype());
  Tensor logits = Tensor::Empty({rows, columns}, wide);
  W* values = logits.data<W>();
  LinearForward<T, W>(head.hidden.data<T>() + begin * width,
                      head.weight.data<T>(), DataOrNull<W>(head.bias), values,
                      rows, columns, width);
  const bool wanted = head.d_hidden.defined() || head.d_weight.defined() ||
                      head.d_bias.defined();
  const double loss = CrossEntropyRows<W>(
      values, head.targets.data<int32_t>() + begin,
      head.row_weights.data<float>() + begin, head.smoothing,
      wanted ? values : nullptr, rows, head.classes, columns);
  if (!wanted) return loss;
  if (head.d_bias.defined()) {
    AddInPlace(head.d_bias, SumTo(logits, {columns}));
  }
  const Tensor d_logits = Cast(logits, head.hidden.dtype());
  HeadGradients<T>(head, begin, rows, d_logits.data<T>());
  return loss;
}

double RunHead(Head& head) {
  const int64_t rows = head.hidden.dim(0);
  const int64_t chunk = std::max(kMinChunkRows, kChunkLogits / head.columns);
  double loss = 0;
  for (int64_t begin = 0; begin < rows; begin += chunk) {
    Dispatch(head.hidden.dtype(), [&](auto t) {
      using T = decltype(t);
      loss += HeadChunk<T>(head, begin, std::min(chunk, rows - begin));
    });
  }
  return loss;
}

// x with rows of zeros up to `rows`.
Tensor PadRows(const Tensor& x, int64_t rows) {
  if (!x.defined() || x.dim(0) == rows) return x.Detach();
  Shape shape = x.shape();
  shape.set(0, rows);
  Tensor padded = Tensor::Empty(shape, x.dtype());
  auto* const bytes = static_cast<char*>(padded.raw());
  std::memcpy(bytes, x.raw(), x.bytes());
  std::memset(bytes + x.bytes(), 0, padded.bytes() - x.bytes());
  return padded;
}

Tensor FirstRows(const Tensor& x, int64_t rows) {
  return x.defined() ? x.Rows(0, rows) : x;
}

int64_t ColumnsFor(const Tensor& weight) {
  int64_t columns = 0;
  Dispatch(weight.dtype(),
           [&](auto t) { columns = FastColumns<decltype(t)>(weight.dim(0)); });
  return columns;
}

}  // namespace

Tensor CrossEntropy(const Tensor& logits, const Tensor& targets,
                    const Tensor& weights, double label_smoothing) {
  ARCHLAB_CHECK_EQ(logits.rank(), 2) << "CrossEntropy of [N, V]";
  CheckRows(logits.dim(0), targets, weights);
  Tensor d_logits = NeedsGrad(logits) ? EmptyLike(logits) : Tensor();
  double loss = 0;
  Dispatch(logits.dtype(), [&](auto t) {
    using T = decltype(t);
    loss = CrossEntropyRows<T>(
        logits.data<T>(), targets.data<int32_t>(), weights.data<float>(),
        label_smoothing, d_logits.defined() ? d_logits.data<T>() : nullptr,
        logits.dim(0), logits.dim(1), logits.dim(1));
  });
  return Record("CrossEntropy", Scalar(loss, logits.dtype()), {logits},
                [d_logits](const Tensor& dy, Gradients& out) {
                  out.Add(0, Affine(d_logits, dy.At(0), 0));
                });
}

Tensor LinearCrossEntropy(const Tensor& hidden0, const Tensor& weight,
                          const Tensor& bias0, const Tensor& targets,
                          const Tensor& weights, double label_smoothing) {
  ARCHLAB_CHECK_EQ(hidden0.rank(), 2) << "hidden is [N, C]";
  ARCHLAB_CHECK_EQ(hidden0.dim(1), weight.dim(1));
  CheckRows(hidden0.dim(0), targets, weights);
  const DType dtype = weight.dtype(), wide = WideDType(dtype);
  const Tensor hidden = Cast(hidden0, dtype);
  const Tensor bias = bias0.defined() ? Cast(bias0, wide) : bias0;
  Head head;
  head.classes = weight.dim(0);
  head.columns = ColumnsFor(weight);
  head.hidden = hidden.Detach();
  head.weight = PadRows(weight, head.columns);
  head.bias = PadRows(bias, head.columns);
  head.targets = targets;
  head.row_weights = weights;
  head.smoothing = label_smoothing;
  if (NeedsGrad(hidden)) head.d_hidden = EmptyLike(hidden);
  const Shape padded = {head.columns, weight.dim(1)};
  if (NeedsGrad(weight)) {  // the first chunk overwrites it, if there is one
    head.d_weight = hidden.dim(0) > 0 ? Tensor::Empty(padded, wide)
                                      : Tensor::Zeros(padded, wide);
  }
  if (NeedsGrad(bias)) head.d_bias = Tensor::Zeros({head.columns}, wide);
  const Tensor loss = Scalar(RunHead(head), dtype);
  return Record("LinearCrossEntropy", loss, {hidden, weight, bias},
                [d_hidden = head.d_hidden,
                 d_weight = FirstRows(head.d_weight, head.classes),
                 d_bias = FirstRows(head.d_bias, head.classes)](
                    const Tensor& dy, Gradients& out) {
                  const double scale = dy.At(0);
                  const auto scaled = [&](const Tensor& g) {
                    return scale == 1 ? g : Affine(g, scale, 0);
                  };
                  if (out.Needs(0)) out.Add(0, scaled(d_hidden));
                  if (out.Needs(1)) out.Add(1, scaled(d_weight));
                  if (out.Needs(2)) out.Add(2, scaled(d_bias));
                });
}

}  // namespace archlab
