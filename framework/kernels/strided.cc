// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Copies between strided layouts, and masks: no arithmetic, so no vector code.

#include <cstring>
#include <type_traits>

#include "archlab/check.h"
#include "kernels/convert.h"
#include "kernels/elementwise.h"
#include "kernels/loop_nest.h"
#include "kernels/reference.h"

namespace archlab {
namespace {

// Elements are moved as integers of their size.
template <class Bits>
void CopyRow(const Bits* x, int64_t x_step, Bits* y, int64_t y_step,
             int64_t n) {
  if (x_step == 1 && y_step == 1) {
    std::memcpy(y, x, n * sizeof(Bits));
  } else if (x_step == 0 && y_step == 1) {
    std::fill_n(y, n, *x);
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * y_step] = x[i * x_step];
  }
}

template <class Bits>
void CopyNest(const LoopNest& nest, const void* x, void* y) {
  const auto [x_step, y_step, unused] = nest.inner_strides();
  nest.Run([&, x_step = x_step, y_step = y_step](const LoopNest::Offsets& at,
                                                 int64_t n) {
    CopyRow(static_cast<const Bits*>(x) + at[0], x_step,
            static_cast<Bits*>(y) + at[1], y_step, n);
  });
}

}  // namespace

void CopyStrided(int64_t element_bytes, absl::Span<const int64_t> dims,
                 const void* x, absl::Span<const int64_t> x_strides, void* y,
                 absl::Span<const int64_t> y_strides) {
  const LoopNest nest(dims, {x_strides, y_strides, {}});
  switch (element_bytes) {
    case 2:
      return CopyNest<uint16_t>(nest, x, y);
    case 4:
      return CopyNest<uint32_t>(nest, x, y);
    case 8:
      return CopyNest<uint64_t>(nest, x, y);
  }
  ARCHLAB_CHECK(false) << "elements of " << element_bytes << " bytes";
}

template <class T>
void MaskFillForward(const T* x, const Shape& shape, const int32_t* mask,
                     const Shape& mask_shape, double value, T* y) {
  if constexpr (std::is_same_v<T, double>) {
    reference::MaskFillForward(x, shape, mask, mask_shape, value, y);
  } else {
    T fill;
    Convert(&value, &fill, 1);
    const auto strides = BroadcastStrides(shape, shape);
    const auto mask_strides = BroadcastStrides(mask_shape, shape);
    const LoopNest nest(shape.dims(), {strides, mask_strides, strides});
    const int64_t step = nest.inner_strides()[1];
    nest.Run([&](const LoopNest::Offsets& at, int64_t n) {
      const int32_t* const m = mask + at[1];
      for (int64_t i = 0; i < n; ++i) {
        y[at[2] + i] = m[i * step] != 0 ? x[at[0] + i] : fill;
      }
    });
  }
}

template void MaskFillForward(const double*, const Shape&, const int32_t*,
                              const Shape&, double, double*);
template void MaskFillForward(const float*, const Shape&, const int32_t*,
                              const Shape&, double, float*);
template void MaskFillForward(const BF16*, const Shape&, const int32_t*,
                              const Shape&, double, BF16*);

}  // namespace archlab
