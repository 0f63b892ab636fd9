// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The oracle: every kernel as the naive loop that its formula says, on double.
// f64 tensors run on it, and the fast kernels are tested against it. Signatures
// and meaning are those of the functions of the same name in kernels.h.

#ifndef ARCHLAB_REFERENCE_H_
#define ARCHLAB_REFERENCE_H_

#include <cstdint>

#include "archlab/ops.h"
#include "archlab/random.h"
#include "kernels/elementwise.h"
#include "kernels/gemv_int8.h"
#include "kernels/matmul.h"

namespace archlab::reference {

// reference_elementwise.cc
void BinaryForward(BinaryOp op, const double* a, const Shape& a_shape,
                   const double* b, const Shape& b_shape, double* y,
                   const Shape& y_shape);
void UnaryForward(UnaryOp op, const double* x, double* y, int64_t n);
void UnaryBackward(UnaryOp op, const double* x, const double* dy, double* dx,
                   int64_t n);
void GatedForward(Gate gate, const double* a, const double* b, double* y,
                  int64_t n);
void GatedBackward(Gate gate, const double* a, const double* b,
                   const double* dy, double* da, double* db, int64_t n);
void AffineForward(const double* x, double scale, double shift, double* y,
                   int64_t n);
void Axpy(double scale, const double* x, double* y, int64_t n);
void MaskFillForward(const double* x, const Shape& shape, const int32_t* mask,
                     const Shape& mask_shape, double value, double* y);
void DropoutForward(const double* x, double p, const Random& random, double* y,
                    int64_t n);

// reference_rows.cc
void SumAxis(const double* x, double* y, int64_t outer, int64_t n,
             int64_t inner, double scale);
void MaxAxis(const double* x, double* y, int32_t* index, int64_t outer,
             int64_t n, int64_t inner);
double SumAll(const double* x, int64_t n);
double SquaredNorm(const double* x, int64_t n);
bool AllFinite(const double* x, int64_t n);
void SoftmaxForward(const double* x, double* y, int64_t rows, int64_t n);
void SoftmaxBackward(const double* y, const double* dy, double* dx,
                     int64_t rows, int64_t n);
void LogSoftmaxForward(const double* x, double* y, int64_t rows, int64_t n);
void LogSoftmaxBackward(const double* y, const double* dy, double* dx,
                        int64_t rows, int64_t n);
void LayerNormForward(const double* x, const double* gain, const double* bias,
                      double epsilon, double* y, double* mean, double* rstd,
                      int64_t rows, int64_t n);
void LayerNormBackward(const double* x, const double* gain, const double* mean,
                       const double* rstd, const double* dy, double* dx,
                       double* dgain, double* dbias, int64_t rows, int64_t n);
void RmsNormForward(const double* x, const double* gain, double epsilon,
                    double* y, double* rstd, int64_t rows, int64_t n);
void RmsNormBackward(const double* x, const double* gain, const double* rstd,
                     const double* dy, double* dx, double* dgain, int64_t rows,
                     int64_t n);
double CrossEntropyRows(const double* logits, const int32_t* targets,
                        const float* weights, double smoothing, double* dlogits,
                        int64_t rows, int64_t classes, int64_t stride);

// reference_matmul.cc
void GatherRowsForward(const double* table, const int32_t* ids, double* y,
                       int64_t n, int64_t rows, int64_t width);
void GatherRowsBackward(const double* dy, const int32_t* ids, double* dtable,
                        int64_t n, int64_t rows, int64_t width);
void RotaryForward(const double* x, const double* cosine, const double* sine,
                   const int32_t* positions, double* y, int64_t tokens,
                   int64_t heads, int64_t head_dim, int64_t pairs,
                   bool interleaved, bool inverse);
void MatMulForward(const MatMulShape& shape, double alpha, const double* a,
                   const double* b, double beta, double* c);
void LinearForward(const double* x, const double* weight, const double* bias,
                   double* y, int64_t m, int64_t n, int64_t k);
void RunGemvInt8(const double* x, int64_t m, const Int8Matrix& weight,
                 const double* bias, double* y);

}  // namespace archlab::reference

#endif  // ARCHLAB_REFERENCE_H_
