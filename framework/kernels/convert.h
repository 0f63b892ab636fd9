// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Conversions between element types, and copies between strided layouts.

#ifndef ARCHLAB_CONVERT_H_
#define ARCHLAB_CONVERT_H_

#include <cstdint>

#include "absl/types/span.h"
#include "archlab/tensor.h"

namespace archlab {

// y[i] = Y(x[i]) for any two of double, float, BF16 and int32_t; to BF16 rounds
// to nearest even, to int32_t truncates. Not in place.
template <class X, class Y>
void Convert(const X* x, Y* y, int64_t n);
// The same, chosen at run time.
void Convert(const void* x, DType from, void* y, DType to, int64_t n);

// Copies an array of `dims` elements of `element_bytes` (2, 4 or 8) each, where
// dimension d advances x by x_strides[d] and y by y_strides[d] elements. A
// stride of 0 in x repeats it. This is Permute, Slice, Concat and Expand. At
// most Shape::kMaxRank dimensions.
void CopyStrided(int64_t element_bytes, absl::Span<const int64_t> dims,
                 const void* x, absl::Span<const int64_t> x_strides, void* y,
                 absl::Span<const int64_t> y_strides);

}  // namespace archlab

#endif  // ARCHLAB_CONVERT_H_
