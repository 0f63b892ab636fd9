// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Elementwise kernels as naive loops.

#include <cmath>

#include "kernels/reference.h"

namespace archlab::reference {
namespace {

constexpr double kSqrtHalf = 0.70710678118654752;       // sqrt(1 / 2)
constexpr double kInvSqrtTwoPi = 0.39894228040143268;   // 1 / sqrt(2 pi)
constexpr double kSqrtTwoOverPi = 0.79788456080286536;  // sqrt(2 / pi)
constexpr double kGeluCubic = 0.044715;

double Sigmoid(double x) {
  // Neither exponential overflows.
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}
double SigmoidSlope(double x) { return Sigmoid(x) * Sigmoid(-x); }

double GeluInner(double x) {
  return kSqrtTwoOverPi * (x + kGeluCubic * x * x * x);
}

double GeluTanhSlope(double x) {
  const double t = std::tanh(GeluInner(x));
  const double inner_slope = kSqrtTwoOverPi * (1 + 3 * kGeluCubic * x * x);
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner_slope;
}

double GeluErf(double x) { return 0.5 * x * std::erfc(-x * kSqrtHalf); }
double GeluErfSlope(double x) {
  return 0.5 * std::erfc(-x * kSqrtHalf) +
         x * kInvSqrtTwoPi * std::exp(-0.5 * x * x);
}

double Value(UnaryOp op, double x) {
  switch (op) {
    case UnaryOp::kExp:
      return std::exp(x);
    case UnaryOp::kLog:
      return std::log(x);
    case UnaryOp::kSqrt:
      return std::sqrt(x);
    case UnaryOp::kAbs:
      return std::abs(x);
    case UnaryOp::kSquare:
      return x * x;
    case UnaryOp::kTanh:
      return std::tanh(x);
    case UnaryOp::kSigmoid:
      return Sigmoid(x);
    case UnaryOp::kSoftplus:
      return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    case UnaryOp::kRelu:
      return x < 0 ? 0 : x;  // a NaN stays
    case UnaryOp::kReluSquared:
      return x < 0 ? 0 : x * x;
    case UnaryOp::kGeluErf:
      return GeluErf(x);
    case UnaryOp::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(GeluInner(x)));
    case UnaryOp::kSilu:
      return x * Sigmoid(x);
    case UnaryOp::kElu:
      return x > 0 ? x : std::expm1(x);
  }
  return 0;
}

double Slope(UnaryOp op, double x) {
  switch (op) {
    case UnaryOp::kExp:
      return std::exp(x);
    case UnaryOp::kLog:
      return 1 / x;
    case UnaryOp::kSqrt:
      return 0.5 / std::sqrt(x);
    case UnaryOp::kAbs:
      return x > 0 ? 1 : x < 0 ? -1 : x;
    case UnaryOp::kSquare:
      return 2 * x;
    case UnaryOp::kTanh:
      return 1 - std::tanh(x) * std::tanh(x);
    case UnaryOp::kSigmoid:
      return SigmoidSlope(x);
    case UnaryOp::kSoftplus:
      return Sigmoid(x);
    case UnaryOp::kRelu:
      return x > 0 ? 1 : 0;
    case UnaryOp::kReluSquared:
      return x > 0 ? 2 * x : 0;
    case UnaryOp::kGeluErf:
      return GeluErfSlope(x);
    case UnaryOp::kGeluTanh:
      return GeluTanhSlope(x);
    case UnaryOp::kSilu:
      return Sigmoid(x) + x * SigmoidSlope(x);
    case UnaryOp::kElu:
      return x > 0 ? 1 : std::exp(x);
  }
  return 0;
}

UnaryOp GateOp(Gate gate) {
  switch (gate) {
    case Gate::kSilu:
      return UnaryOp::kSilu;
    case Gate::kGelu:
      return UnaryOp::kGeluTanh;
    case Gate::kRelu:
      return UnaryOp::kRelu;
    case Gate::kSigmoid:
      return UnaryOp::kSigmoid;
  }
  return UnaryOp::kRelu;
}

// Where element i of an array of shape `to` reads an operand that was broadcast
// from shape `from`.
int64_t BroadcastIndex(int64_t i, const Shape& from, const Shape& to) {
  int64_t index = 0, stride = 1;
  for (int d = 1; d <= to.rank(); ++d) {
    const int64_t place = i % to[-d];
    i /= to[-d];
    if (d > from.rank()) continue;
    if (from[-d] != 1) index += place * stride;
    stride *= from[-d];
  }
  return index;
}

}  // namespace

void BinaryForward(BinaryOp op, const double* a, const Shape& a_shape,
                   const double* b, const Shape& b_shape, double* y,
                   const Shape& y_shape) {
  for (int64_t i = 0; i < y_shape.size(); ++i) {
    const double u = a[BroadcastIndex(i, a_shape, y_shape)];
    const double v = b[BroadcastIndex(i, b_shape, y_shape)];
    switch (op) {
      case BinaryOp::kAdd:
        y[i] = u + v;
        break;
      case BinaryOp::kSub:
        y[i] = u - v;
        break;
      case BinaryOp::kMul:
        y[i] = u * v;
        break;
      case BinaryOp::kDiv:
        y[i] = u / v;
        break;
    }
  }
}

void UnaryForward(UnaryOp op, const double* x, double* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = Value(op, x[i]);
}

void UnaryBackward(UnaryOp op, const double* x, const double* dy, double* dx,
                   int64_t n) {
  for (int64_t i = 0; i < n; ++i) dx[i] = dy[i] * Slope(op, x[i]);
}

void GatedForward(Gate gate, const double* a, const double* b, double* y,
                  int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = a[i] * Value(GateOp(gate), b[i]);
}

void GatedBackward(Gate gate, const double* a, const double* b,
                   const double* dy, double* da, double* db, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const double ai = a[i], bi = b[i], dyi = dy[i];
    if (da != nullptr) da[i] = dyi * Value(GateOp(gate), bi);
    if (db != nullptr) db[i] = dyi * ai * Slope(GateOp(gate), bi);
  }
}

void AffineForward(const double* x, double scale, double shift, double* y,
                   int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = scale * x[i] + shift;
}

void Axpy(double scale, const double* x, double* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] += scale * x[i];
}

void MaskFillForward(const double* x, const Shape& shape, const int32_t* mask,
                     const Shape& mask_shape, double value, double* y) {
  for (int64_t i = 0; i < shape.size(); ++i) {
    y[i] = mask[BroadcastIndex(i, mask_shape, shape)] != 0 ? x[i] : value;
  }
}

void DropoutForward(const double* x, double p, const Random& random, double* y,
                    int64_t n) {
  Random numbers = random;
  for (int64_t i = 0; i < n; ++i) {
    y[i] = numbers.NextU32() >= p * 0x1p32 ? x[i] / (1 - p) : 0;
  }
}

}  // namespace archlab::reference
