// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The table of compiled unary functions of one instruction set.

#ifndef ARCHLAB_UNARY_H_
#define ARCHLAB_UNARY_H_

#include <array>
#include <cstdint>
#include <tuple>

#include "archlab/tensor.h"

namespace archlab {

inline constexpr int kUnaryOps = 14;  // enumerators of UnaryOp

template <class T>
struct UnaryFunctions {
  void (*values)(const T* x, T* y, int64_t n);
  void (*slopes)(const T* x, const T* dy, T* dx, int64_t n);
};
template <class T>
using UnaryTable = std::array<UnaryFunctions<T>, kUnaryOps>;
using UnaryTables = std::tuple<UnaryTable<float>, UnaryTable<BF16>>;

}  // namespace archlab

#endif  // ARCHLAB_UNARY_H_
