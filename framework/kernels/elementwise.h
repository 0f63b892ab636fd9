// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Elementwise kernels: two operands with broadcasting, one operand and its
// gradient, gated units, masks, dropout.

#ifndef ARCHLAB_ELEMENTWISE_H_
#define ARCHLAB_ELEMENTWISE_H_

#include <cstdint>

#include "archlab/ops.h"
#include "archlab/random.h"
#include "archlab/tensor.h"
#include "kernels/types.h"

namespace archlab {

enum class BinaryOp { kAdd, kSub, kMul, kDiv };

// y = a op b. Shapes broadcast as in NumPy to `y_shape`, which is the broadcast
// shape of both. (A, B, Y) is (T, T, T), (float, BF16, float) or
// (BF16, float, float). y may be a or b when the shapes are equal.
template <class A, class B, class Y>
void BinaryForward(BinaryOp op, const A* a, const Shape& a_shape, const B* b,
                   const Shape& b_shape, Y* y, const Shape& y_shape);

enum class UnaryOp {
  kExp,
  kLog,
  kSqrt,
  kAbs,
  kSquare,
  kTanh,
  kSigmoid,
  kSoftplus,
  kRelu,
  kReluSquared,
  kGeluErf,
  kGeluTanh,
  kSilu,
  kElu,
};

// y[i] = f(x[i]).
template <class T>
void UnaryForward(UnaryOp op, const T* x, T* y, int64_t n);
// dx[i] = dy[i] f'(x[i]), from the operation's input. At a kink (Abs, Relu at
// 0) the derivative is 0.
template <class T>
void UnaryBackward(UnaryOp op, const T* x, const T* dy, T* dx, int64_t n);

// y = a act(b); kGelu is the tanh form.
template <class T>
void GatedForward(Gate gate, const T* a, const T* b, T* y, int64_t n);
// da = dy act(b), db = dy a act'(b); either output may be nullptr.
template <class T>
void GatedBackward(Gate gate, const T* a, const T* b, const T* dy, T* da, T* db,
                   int64_t n);

// y = scale x + shift.
template <class T>
void AffineForward(const T* x, double scale, double shift, T* y, int64_t n);
// y += scale x. (X, Y) is (T, T), (BF16, float) or (float, BF16).
template <class X, class Y>
void Axpy(double scale, const X* x, Y* y, int64_t n);
template <class T>
void Fill(T* y, double value, int64_t n);

// y = mask[i] != 0 ? x[i] : value; for the gradient, x = dy and value = 0.
// The mask broadcasts to `shape`.
template <class T>
void MaskFillForward(const T* x, const Shape& shape, const int32_t* mask,
                     const Shape& mask_shape, double value, T* y);

// y[i] = x[i] / (1 - p) where word random.position() + i of `random` is at
// least p 2^32, else 0. The gradient is the same function of dy.
template <class T>
void DropoutForward(const T* x, double p, const Random& random, T* y,
                    int64_t n);

// y[i] = scale times the number that random.Skip(4 i).Normal() gives, to a unit
// in the last place of y. random.position() is a multiple of 4.
void NormalNumbers(const Random& random, double scale, float* y, int64_t n);

}  // namespace archlab

#endif  // ARCHLAB_ELEMENTWISE_H_
