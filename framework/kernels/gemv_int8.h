// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Weights as 8-bit numbers, and products of a few rows with them, as in
// decoding: limited by reading the weight, which is a quarter of its floats.

#ifndef ARCHLAB_GEMV_INT8_H_
#define ARCHLAB_GEMV_INT8_H_

#include <cstdint>
#include <vector>

#include "archlab/tensor.h"
#include "tensor/storage.h"

namespace archlab {

// A weight [n, k] whose element (j, i) is scale(j) * row(j)[i]. A row's scale
// is its largest magnitude / 127, so an element is off by half of that at most.
class Int8Matrix {
 public:
  // Rounds to nearest even. A row that is not finite becomes NaN.
  Int8Matrix(const float* weight, int64_t n, int64_t k);

  int64_t n() const { return n_; }
  int64_t k() const { return k_; }
  // Distance between rows; what stands behind k is zero.
  int64_t stride() const { return stride_; }
  const int8_t* row(int64_t j) const {
    return static_cast<const int8_t*>(values_.data) + j * stride_;
  }
  float scale(int64_t j) const { return scales_[j]; }
  // What a product reads.
  int64_t bytes() const { return n_ * (k_ + int64_t{sizeof(float)}); }
  // The values [n, k] as floats.
  void Read(float* weight) const;

 private:
  const int64_t n_, k_, stride_;
  Storage values_;
  std::vector<float> scales_;
};

// y [m, n] = x [m, k] weight [n, k]^T + bias [n]; bias may be nullptr. Rows of
// x are rounded to 16 bits of their largest magnitude; dot products are exact
// sums of integers over blocks of 1024, which are added up as floats. A row
// that is not finite gives NaN. T and Y are float or BF16. The result does not
// depend on the number of threads.
template <class T, class Y>
void RunGemvInt8(const T* x, int64_t m, const Int8Matrix& weight,
                 const float* bias, Y* y);

}  // namespace archlab

#endif  // ARCHLAB_GEMV_INT8_H_
