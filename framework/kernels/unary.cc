// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Elementwise functions of one operand and their gradients.

#include "kernels/unary.h"

#include <array>
#include <type_traits>

#include "kernels/chunks.h"
#include "kernels/elementwise.h"
#include "kernels/reference.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/unary.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/functions-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

// Every UnaryOp in order.
template <class T>
UnaryTable<T> MakeUnaryTable() {
  return {{
      {&UnaryValues<ExpOp, T>, &UnarySlopes<ExpOp, T>},
      {&UnaryValues<LogOp, T>, &UnarySlopes<LogOp, T>},
      {&UnaryValues<SqrtOp, T>, &UnarySlopes<SqrtOp, T>},
      {&UnaryValues<AbsOp, T>, &UnarySlopes<AbsOp, T>},
      {&UnaryValues<SquareOp, T>, &UnarySlopes<SquareOp, T>},
      {&UnaryValues<TanhOp, T>, &UnarySlopes<TanhOp, T>},
      {&UnaryValues<SigmoidOp, T>, &UnarySlopes<SigmoidOp, T>},
      {&UnaryValues<SoftplusOp, T>, &UnarySlopes<SoftplusOp, T>},
      {&UnaryValues<ReluOp, T>, &UnarySlopes<ReluOp, T>},
      {&UnaryValues<ReluSquaredOp, T>, &UnarySlopes<ReluSquaredOp, T>},
      {&UnaryValues<GeluErfOp, T>, &UnarySlopes<GeluErfOp, T>},
      {&UnaryValues<GeluTanhOp, T>, &UnarySlopes<GeluTanhOp, T>},
      {&UnaryValues<SiluOp, T>, &UnarySlopes<SiluOp, T>},
      {&UnaryValues<EluOp, T>, &UnarySlopes<EluOp, T>},
  }};
}

UnaryTables MakeUnaryTables() {
  return {MakeUnaryTable<float>(), MakeUnaryTable<BF16>()};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeUnaryTables);

template <class T>
const UnaryFunctions<T>& FunctionsOf(UnaryOp op) {
  static const UnaryTables tables = HWY_DYNAMIC_DISPATCH(MakeUnaryTables)();
  return std::get<UnaryTable<T>>(tables)[int(op)];
}

}  // namespace

template <class T>
void UnaryForward(UnaryOp op, const T* x, T* y, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::UnaryForward(op, x, y, n);
  } else {
    const auto function = FunctionsOf<T>(op).values;
    ForElements(n, [&](int64_t begin, int64_t end) {
      function(x + begin, y + begin, end - begin);
    });
  }
}

template <class T>
void UnaryBackward(UnaryOp op, const T* x, const T* dy, T* dx, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::UnaryBackward(op, x, dy, dx, n);
  } else {
    const auto function = FunctionsOf<T>(op).slopes;
    ForElements(n, [&](int64_t begin, int64_t end) {
      function(x + begin, dy + begin, dx + begin, end - begin);
    });
  }
}

template void UnaryForward(UnaryOp, const double*, double*, int64_t);
template void UnaryForward(UnaryOp, const float*, float*, int64_t);
template void UnaryForward(UnaryOp, const BF16*, BF16*, int64_t);
template void UnaryBackward(UnaryOp, const double*, const double*, double*,
                            int64_t);
template void UnaryBackward(UnaryOp, const float*, const float*, float*,
                            int64_t);
template void UnaryBackward(UnaryOp, const BF16*, const BF16*, BF16*, int64_t);

}  // namespace archlab
#endif  // HWY_ONCE
