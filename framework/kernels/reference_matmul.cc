// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Matrix products, row gathering and rotary embedding as naive loops.

#include "kernels/reference.h"

namespace archlab::reference {

void GatherRowsForward(const double* table, const int32_t* ids, double* y,
                       int64_t n, int64_t /*rows*/, int64_t width) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < width; ++j) {
      y[i * width + j] = table[ids[i] * width + j];
    }
  }
}

void GatherRowsBackward(const double* dy, const int32_t* ids, double* dtable,
                        int64_t n, int64_t /*rows*/, int64_t width) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < width; ++j) {
      dtable[ids[i] * width + j] += dy[i * width + j];
    }
  }
}

void RotaryForward(const double* x, const double* cosine, const double* sine,
                   const int32_t* positions, double* y, int64_t tokens,
                   int64_t heads, int64_t head_dim, int64_t pairs,
                   bool interleaved, bool inverse) {
  const double sign = inverse ? -1 : 1;
  for (int64_t row = 0; row < tokens * heads; ++row) {
    const int64_t angle = positions[row / heads] * pairs;
    const double* const from = x + row * head_dim;
    double* const to = y + row * head_dim;
    for (int64_t i = 0; i < pairs; ++i) {
      const int64_t first = interleaved ? 2 * i : i;
      const int64_t second = interleaved ? 2 * i + 1 : i + pairs;
      const double u = from[first], v = from[second];
      const double c = cosine[angle + i], s = sign * sine[angle + i];
      to[first] = u * c - v * s;
      to[second] = u * s + v * c;
    }
    for (int64_t i = 2 * pairs; i < head_dim; ++i) to[i] = from[i];
  }
}

void MatMulForward(const MatMulShape& shape, double alpha, const double* a,
                   const double* b, double beta, double* c) {
  const int64_t lda = shape.lda != 0      ? shape.lda
                      : shape.transpose_a ? shape.m
                                          : shape.k;
  const int64_t ldb = shape.ldb != 0      ? shape.ldb
                      : shape.transpose_b ? shape.k
                                          : shape.n;
  const int64_t ldc = shape.ldc != 0 ? shape.ldc : shape.n;
  for (int64_t i = 0; i < shape.m; ++i) {
    for (int64_t j = 0; j < shape.n; ++j) {
      double sum = 0;
      for (int64_t l = 0; l < shape.k; ++l) {
        const double u = shape.transpose_a ? a[l * lda + i] : a[i * lda + l];
        const double v = shape.transpose_b ? b[j * ldb + l] : b[l * ldb + j];
        sum += u * v;
      }
      double& out = c[i * ldc + j];
      out = alpha * sum + (beta == 0 ? 0 : beta * out);
    }
  }
}

void LinearForward(const double* x, const double* weight, const double* bias,
                   double* y, int64_t m, int64_t n, int64_t k) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = bias != nullptr ? bias[j] : 0;
      for (int64_t l = 0; l < k; ++l) sum += x[i * k + l] * weight[j * k + l];
      y[i * n + j] = sum;
    }
  }
}

void RunGemvInt8(const double* x, int64_t m, const Int8Matrix& weight,
                 const double* bias, double* y) {
  const int64_t n = weight.n(), k = weight.k();
  for (int64_t r = 0; r < m; ++r) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t i = 0; i < k; ++i) sum += x[r * k + i] * weight.row(j)[i];
      y[r * n + j] = weight.scale(j) * sum + (bias == nullptr ? 0 : bias[j]);
    }
  }
}

}  // namespace archlab::reference
