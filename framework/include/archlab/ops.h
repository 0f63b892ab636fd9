// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Operations on tensors. Each records its gradient on the tape when an input
// requires one, so a plugin that composes them gets gradients for nothing.
//
// Types: operands share a dtype; where f32 and bf16 meet, the result is f32.
// Broadcasting is NumPy's. f64 runs on the naive reference kernels.

#ifndef ARCHLAB_OPS_H_
#define ARCHLAB_OPS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "archlab/random.h"
#include "archlab/tensor.h"

namespace archlab {

// --- elementwise, broadcasting ---

Tensor Add(const Tensor& a, const Tensor& b);
Tensor Sub(const Tensor& a, const Tensor& b);
Tensor Mul(const Tensor& a, const Tensor& b);
Tensor Div(const Tensor& a, const Tensor& b);
inline Tensor operator+(const Tensor& a, const Tensor& b) { return Add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return Sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return Mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return Div(a, b); }
// scale * x + shift.
Tensor Affine(const Tensor& x, double scale, double shift);
inline Tensor operator*(const Tensor& x, double s) { return Affine(x, s, 0); }
inline Tensor operator*(double s, const Tensor& x) { return Affine(x, s, 0); }
inline Tensor operator+(const Tensor& x, double s) { return Affine(x, 1, s); }
inline Tensor operator-(const Tensor& x, double s) { return Affine(x, 1, -s); }
inline Tensor operator-(const Tensor& x) { return Affine(x, -1, 0); }

// --- elementwise, one operand ---

Tensor Exp(const Tensor& x);
Tensor Log(const Tensor& x);
Tensor Sqrt(const Tensor& x);
Tensor Abs(const Tensor& x);
Tensor Square(const Tensor& x);
Tensor Tanh(const Tensor& x);
Tensor Sigmoid(const Tensor& x);
Tensor Softplus(const Tensor& x);  // log(1 + e^x)
Tensor Relu(const Tensor& x);
Tensor ReluSquared(const Tensor& x);  // max(x, 0)^2, arXiv:2109.08668
Tensor GeluErf(const Tensor& x);      // x Phi(x), arXiv:1606.08415
Tensor GeluTanh(const Tensor& x);     // its tanh approximation
Tensor Silu(const Tensor& x);         // x sigmoid(x)
Tensor Elu(const Tensor& x);          // x > 0 ? x : e^x - 1

// a * act(b) in one pass, for gated units (arXiv:2002.05202). kGelu is the tanh
// approximation.
enum class Gate { kSilu, kGelu, kRelu, kSigmoid };
Tensor Gated(const Tensor& a, const Tensor& b, Gate gate);

// Where mask (i32, broadcast to x) is 0, `value` instead of x. No gradient
// reaches the replaced elements.
Tensor MaskFill(const Tensor& x, const Tensor& mask, double value);

// Zeroes each element with probability p, scales the rest by 1 / (1 - p).
// Element i of x uses word random.position() + i. p = 0 returns x.
Tensor Dropout(const Tensor& x, double p, const Random& random);

Tensor Cast(const Tensor& x, DType dtype);

// --- shape ---

Tensor Reshape(const Tensor& x, const Shape& shape);  // one -1 allowed; no copy
// Dimensions in another order; copies.
Tensor Permute(const Tensor& x, std::initializer_list<int> order);
Tensor Transpose(const Tensor& x);  // swaps the last two dimensions; copies
Tensor Slice(const Tensor& x, int axis, int64_t begin, int64_t count);
Tensor Concat(const std::vector<Tensor>& parts, int axis);
Tensor Expand(const Tensor& x, const Shape& shape);  // broadcast copy

// --- reductions ---

// Over one axis, kept as length 1.
Tensor Sum(const Tensor& x, int axis);
Tensor Mean(const Tensor& x, int axis);
Tensor Max(const Tensor& x, int axis);  // gradient to the first maximum
Tensor SumAll(const Tensor& x);         // -> scalar, accumulated in f64
Tensor MeanAll(const Tensor& x);        // -> scalar

// --- matrices ---

// a [..., M, K], b [..., K, N] -> [..., M, N]. The leading dimensions are equal
// or broadcast. The flags read a as [..., K, M], b as [..., N, K].
Tensor MatMul(const Tensor& a, const Tensor& b, bool transpose_a = false,
              bool transpose_b = false);
// x [..., in], weight [out, in], bias [out] or undefined -> [..., out], in the
// weight's dtype (a bf16 weight makes it a bf16 product).
Tensor Linear(const Tensor& x, const Tensor& weight, const Tensor& bias);
// The same with an f32 result where x and weight are bf16: for logits, whose
// rounding a softmax would feel.
Tensor LinearWide(const Tensor& x, const Tensor& weight, const Tensor& bias);

// --- over the last axis ---

Tensor Softmax(const Tensor& x);  // a row of only -inf gives zeros
Tensor LogSoftmax(const Tensor& x);
// gain, bias: [C], f32 (f64 with f64 x); either may be undefined.
Tensor LayerNorm(const Tensor& x, const Tensor& gain, const Tensor& bias,
                 double epsilon);  // arXiv:1607.06450
Tensor RmsNorm(const Tensor& x, const Tensor& gain,
               double epsilon);  // arXiv:1910.07467

// --- gathering ---

// table [V, C], ids i32 [...] -> [..., C]. ids are in [0, V).
Tensor Embed(const Tensor& table, const Tensor& ids);
// x [N, C], rows i32 [M] -> [M, C]: rows of x; the gradient adds up.
Tensor GatherRows(const Tensor& x, const Tensor& rows);

// Rotates pairs of the first 2 R channels of x [B, T, H, D] by the angle of
// their position (arXiv:2104.09864): cosine, sine [P, R] hold position p's
// angles in row p; positions i32 [B, T] are in [0, P). Pairs are (i, i + R)
// or, interleaved, (2 i, 2 i + 1). Channels from 2 R on pass unchanged.
Tensor Rotary(const Tensor& x, const Tensor& cosine, const Tensor& sine,
              const Tensor& positions, bool interleaved);

// --- losses ---

// Sum over rows of weights[i] * -log softmax(logits[i])[targets[i]], label
// smoothing spread over the V classes. logits [N, V]; targets i32 [N];
// weights f32 [N]; -> scalar f32 (f64 for f64 logits).
Tensor CrossEntropy(const Tensor& logits, const Tensor& targets,
                    const Tensor& weights, double label_smoothing = 0);
// The same from hidden [N, C] and head weight [V, C] (bias [V] or undefined)
// without ever holding [N, V] in memory.
Tensor LinearCrossEntropy(const Tensor& hidden, const Tensor& weight,
                          const Tensor& bias, const Tensor& targets,
                          const Tensor& weights, double label_smoothing = 0);

// --- the tape ---

// Gradients of a scalar to all leaves it was made from; adds to their grad().
void Backward(const Tensor& loss);

// While one lives, operations on this thread record nothing.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  const bool before_;
};

// What a gradient function is given.
class Gradients {
 public:
  virtual ~Gradients() = default;
  // Whether input i of the operation wants a gradient.
  virtual bool Needs(int i) const = 0;
  // Adds to the gradient of input i; the shape is the input's.
  virtual void Add(int i, const Tensor& gradient) = 0;
};
using BackwardFn = std::function<void(const Tensor& dy, Gradients& out)>;

// An operation with its own backward: `output` was computed from `inputs`
// (off the tape); returns it on the tape. The function keeps alive what it
// captures, so it should capture only what the gradient needs.
Tensor CustomOp(const char* name, const Tensor& output,
                const std::vector<Tensor>& inputs, BackwardFn backward);

}  // namespace archlab

#endif  // ARCHLAB_OPS_H_
