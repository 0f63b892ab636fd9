// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Element types of kernels.

#ifndef ARCHLAB_TYPES_H_
#define ARCHLAB_TYPES_H_

#include <cstdint>

#include "archlab/tensor.h"

namespace archlab {

template <class T>
struct WideOf {
  using Type = T;
};
template <>
struct WideOf<BF16> {
  using Type = float;
};

// What T is computed in: sums, statistics, gains and parameter gradients of
// BF16 data are float.
template <class T>
using Wide = typename WideOf<T>::Type;

}  // namespace archlab

#endif  // ARCHLAB_TYPES_H_
