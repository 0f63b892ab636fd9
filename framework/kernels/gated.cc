// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Gated units: a act(b).

#include <array>
#include <tuple>
#include <type_traits>

#include "kernels/chunks.h"
#include "kernels/elementwise.h"
#include "kernels/reference.h"
#include "kernels/targets.h"

#ifndef ARCHLAB_GATED_TABLE_
#define ARCHLAB_GATED_TABLE_
namespace archlab {

template <class T>
struct GatedFunctions {
  void (*forward)(const T* a, const T* b, T* y, int64_t n);
  void (*backward)(const T* a, const T* b, const T* dy, T* da, T* db,
                   int64_t n);
};
template <class T>
using GatedTable = std::array<GatedFunctions<T>, 4>;  // by Gate
using GatedTables = std::tuple<GatedTable<float>, GatedTable<BF16>>;

}  // namespace archlab
#endif  // ARCHLAB_GATED_TABLE_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gated.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/functions-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

template <class Op, class T>
void GatedValues(const T* a, const T* b, T* y, int64_t n) {
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto gate = Op::Value(d, LoadF(d, b + i));
    StoreF(d, hn::Mul(LoadF(d, a + i), gate), y + i);
  });
}

template <class Op, class T>
void GatedSlopes(const T* a, const T* b, const T* dy, T* da, T* db, int64_t n) {
  ForLanes(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto u = LoadF(d, a + i), v = LoadF(d, b + i);
    const auto g = LoadF(d, dy + i);
    if (da != nullptr) StoreF(d, hn::Mul(g, Op::Value(d, v)), da + i);
    if (db != nullptr) {
      StoreF(d, hn::Mul(hn::Mul(g, u), Op::Slope(d, v)), db + i);
    }
  });
}

template <class T>
GatedTable<T> MakeGatedTable() {
  return {{{&GatedValues<SiluOp, T>, &GatedSlopes<SiluOp, T>},
           {&GatedValues<GeluTanhOp, T>, &GatedSlopes<GeluTanhOp, T>},
           {&GatedValues<ReluOp, T>, &GatedSlopes<ReluOp, T>},
           {&GatedValues<SigmoidOp, T>, &GatedSlopes<SigmoidOp, T>}}};
}

GatedTables MakeGatedTables() {
  return {MakeGatedTable<float>(), MakeGatedTable<BF16>()};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(MakeGatedTables);

template <class T>
const GatedFunctions<T>& FunctionsOf(Gate gate) {
  static const GatedTables tables = HWY_DYNAMIC_DISPATCH(MakeGatedTables)();
  return std::get<GatedTable<T>>(tables)[int(gate)];
}

}  // namespace

template <class T>
void GatedForward(Gate gate, const T* a, const T* b, T* y, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::GatedForward(gate, a, b, y, n);
  } else {
    const auto function = FunctionsOf<T>(gate).forward;
    ForElements(n, [&](int64_t begin, int64_t end) {
      function(a + begin, b + begin, y + begin, end - begin);
    });
  }
}

template <class T>
void GatedBackward(Gate gate, const T* a, const T* b, const T* dy, T* da, T* db,
                   int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    reference::GatedBackward(gate, a, b, dy, da, db, n);
  } else {
    const auto function = FunctionsOf<T>(gate).backward;
    ForElements(n, [&](int64_t begin, int64_t end) {
      function(a + begin, b + begin, dy + begin,
               da == nullptr ? nullptr : da + begin,
               db == nullptr ? nullptr : db + begin, end - begin);
    });
  }
}

#define ARCHLAB_INSTANTIATE(T)                                            \
  template void GatedForward(Gate, const T*, const T*, T*, int64_t);      \
  template void GatedBackward(Gate, const T*, const T*, const T*, T*, T*, \
                              int64_t)
ARCHLAB_INSTANTIATE(double);
ARCHLAB_INSTANTIATE(float);
ARCHLAB_INSTANTIATE(BF16);
#undef ARCHLAB_INSTANTIATE

}  // namespace archlab
#endif  // HWY_ONCE
