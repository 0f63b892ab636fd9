// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Which way a matrix product goes.

#include "kernels/matmul.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <type_traits>

#include "archlab/check.h"
#include "archlab/parallel_for.h"
#include "kernels/chunks.h"
#include "kernels/convert.h"
#include "kernels/elementwise.h"
#include "kernels/gemv.h"
#include "kernels/onednn.h"
#include "kernels/reference.h"
#include "kernels/scratch.h"

namespace archlab {
namespace {

// Up to so many rows the product is limited by reading the weight. float has
// the blocking of sgemm from then on; BF16 would first be widened.
constexpr int64_t kGemvRowsFloat = 4, kGemvRowsBf16 = 8;

MatMulShape WithLeading(MatMulShape shape) {
  if (shape.lda == 0) shape.lda = shape.transpose_a ? shape.m : shape.k;
  if (shape.ldb == 0) shape.ldb = shape.transpose_b ? shape.k : shape.n;
  if (shape.ldc == 0) shape.ldc = shape.n;
  return shape;
}

void WarnOfSlowBf16() {
  static std::atomic<bool> warned = false;
  if (HasFastBf16() || warned.exchange(true)) return;
  std::fputs(
      "bf16: this CPU has no fast products of bf16 matrices (AMX, or "
      "AVX512_BF16 "
      "on AMD), so bf16 only saves memory; products are computed in f32\n",
      stderr);
}

// Rows and columns of c that one thread computes. Depends on the shape alone:
// sgemm itself splits some sums over k when it has several threads, and adds up
// in another order for some narrow matrices, so both would change the bits.
struct Tile {
  int64_t m, n;
};
int64_t CountOf(const MatMulShape& s, const Tile& tile) {
  return (s.m + tile.m - 1) / tile.m * ((s.n + tile.n - 1) / tile.n);
}
Tile TileOf(const MatMulShape& s) {
  // Sixteen tiles, if they are worth a thread (40 us) and no longer than a few
  // milliseconds. Below kLeastSide packing the operands once a tile costs more
  // than it brings, except for the first four tiles: the gradient of a small
  // weight is a long sum over few elements. Sides are multiples of what sgemm
  // computes at once.
  constexpr int64_t kLeastWork = int64_t{1} << 21, kMostWork = int64_t{1} << 28;
  constexpr int64_t kTiles = 16, kFewTiles = 4;
  constexpr int64_t kLeastSide = 192, kLeastSideOfFew = 48;
  constexpr int64_t kUnitM = 8, kUnitN = 32;
  const int64_t work =
      std::clamp(s.m * s.n * s.k / kTiles, kLeastWork, kMostWork);
  Tile tile = {s.m, s.n};
  while (tile.m * tile.n * s.k > work) {
    const int64_t least =
        CountOf(s, tile) < kFewTiles ? kLeastSideOfFew : kLeastSide;
    int64_t& side = tile.m >= tile.n ? tile.m : tile.n;
    if (side < 2 * least) break;
    const int64_t unit = tile.m >= tile.n ? kUnitM : kUnitN;
    side = (side + 2 * unit - 1) / (2 * unit) * unit;
  }
  return tile;
}

// sgemm on tiles of c, each on one thread.
void SteadySgemm(const MatMulShape& s, float alpha, const float* a,
                 const float* b, float beta, float* c) {
  const Tile tile = TileOf(s);
  const int64_t columns = (s.n + tile.n - 1) / tile.n;
  ParallelFor(CountOf(s, tile), 1, [&](int64_t t, int64_t) {
    const int64_t i = t / columns * tile.m, j = t % columns * tile.n;
    MatMulShape part = s;
    part.m = std::min(tile.m, s.m - i);
    part.n = std::min(tile.n, s.n - j);
    Sgemm(part, alpha, a + (s.transpose_a ? i : i * s.lda),
          b + (s.transpose_b ? j * s.ldb : j), beta, c + i * s.ldc + j);
  });
}

// Reads a stored [rows, columns] matrix of leading dimension ld as dense
// floats.
void WidenMatrix(const BF16* x, int64_t rows, int64_t columns, int64_t ld,
                 float* y) {
  if (ld == columns) return Convert(x, y, rows * columns);
  ForRows(rows, columns, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      Convert(x + r * ld, y + r * columns, columns);
    }
  });
}

// c = alpha op(a) op(b) + beta c through float copies.
template <class C>
void Bf16ThroughFloat(const MatMulShape& s, float alpha, const BF16* a,
                      const BF16* b, float beta, C* c) {
  WarnOfSlowBf16();
  Scratch<float> wide_a(s.m * s.k), wide_b(s.k * s.n);
  WidenMatrix(a, s.transpose_a ? s.k : s.m, s.transpose_a ? s.m : s.k, s.lda,
              wide_a.data());
  WidenMatrix(b, s.transpose_b ? s.n : s.k, s.transpose_b ? s.k : s.n, s.ldb,
              wide_b.data());
  MatMulShape wide = s;
  wide.lda = wide.ldb = 0;
  if constexpr (std::is_same_v<C, float>) {
    SteadySgemm(WithLeading(wide), alpha, wide_a.data(), wide_b.data(), beta,
                c);
  } else {
    Scratch<float> wide_c(s.m * s.n);
    if (beta != 0) WidenMatrix(c, s.m, s.n, s.ldc, wide_c.data());
    wide.ldc = 0;
    SteadySgemm(WithLeading(wide), alpha, wide_a.data(), wide_b.data(), beta,
                wide_c.data());
    ForRows(s.m, s.n, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        Convert(wide_c.data() + r * s.n, c + r * s.ldc, s.n);
      }
    });
  }
}

template <class C>
void ScaleRows(const MatMulShape& s, double beta, C* c) {
  for (int64_t r = 0; r < s.m; ++r) {
    C* const row = c + r * s.ldc;
    if (beta == 0)
      Fill(row, 0, s.n);
    else
      AffineForward(row, beta, 0, row, s.n);
  }
}

template <class T, class C>
bool TryBf16Product(const MatMulShape& shape, double alpha, const T* a,
                    const T* b, double beta, const float* bias, C* c) {
  if constexpr (std::is_same_v<T, BF16>) {
    if (!HasFastBf16() || alpha != 1 || (beta != 0 && beta != 1)) return false;
    const Bf16Product product = {
        shape, std::is_same_v<C, float> ? DType::kF32 : DType::kBF16, beta == 1,
        bias != nullptr};
    return CanRunBf16Product(product) && RunBf16Product(product, a, b, bias, c);
  }
  return false;
}

// Copies the bias into every row of y.
void FillRows(const float* bias, float* y, int64_t m, int64_t n) {
  ForRows(m, n, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      std::memcpy(y + r * n, bias, n * sizeof(float));
    }
  });
}

}  // namespace

template <class A, class B, class C>
void MatMulForward(const MatMulShape& shape, double alpha, const A* a,
                   const B* b, double beta, C* c) {
  const MatMulShape s = WithLeading(shape);
  if (s.m == 0 || s.n == 0) return;
  if (s.k == 0) return ScaleRows(s, beta, c);
  if constexpr (std::is_same_v<C, double>) {
    reference::MatMulForward(s, alpha, a, b, beta, c);
  } else {
    constexpr bool kBf16 = std::is_same_v<A, BF16>;
    const int64_t few = kBf16 ? kGemvRowsBf16 : kGemvRowsFloat;
    if (s.m <= few && s.transpose_b && !s.transpose_a && beta == 0) {
      RunGemv(GemvArgs<A, C>{s.m, s.n, s.k, float(alpha), a, s.lda, b, s.ldb,
                             nullptr, c, s.ldc});
    } else if constexpr (kBf16) {
      if (TryBf16Product(s, alpha, a, b, beta, nullptr, c)) return;
      Bf16ThroughFloat(s, float(alpha), a, b, float(beta), c);
    } else {
      SteadySgemm(s, float(alpha), a, b, float(beta), c);
    }
  }
}

template <class A, class B, class C>
void BatchedMatMulForward(const MatMulShape& shape, int64_t batch, double alpha,
                          const A* a, int64_t stride_a, const B* b,
                          int64_t stride_b, double beta, C* c,
                          int64_t stride_c) {
  const MatMulShape s = WithLeading(shape);
  // One operand for all and the other dense: the batch is more rows.
  if (stride_b == 0 && !s.transpose_a && s.lda * s.m == stride_a &&
      s.ldc * s.m == stride_c) {
    MatMulShape tall = s;
    tall.m *= batch;
    return MatMulForward(tall, alpha, a, b, beta, c);
  }
  const auto one = [&](int64_t i) {
    MatMulForward(s, alpha, a + i * stride_a, b + i * stride_b, beta,
                  c + i * stride_c);
  };
  // A few large products are better split inside.
  constexpr int64_t kFew = 4;
  if (batch < kFew) {
    for (int64_t i = 0; i < batch; ++i) one(i);
    return;
  }
  ForRows(batch, s.m * s.n + s.m * s.k + s.k * s.n,
          [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) one(i);
          });
}

template <class T, class Y>
void LinearForward(const T* x, const T* weight, const Wide<T>* bias, Y* y,
                   int64_t m, int64_t n, int64_t k) {
  if constexpr (std::is_same_v<T, double>) {
    reference::LinearForward(x, weight, bias, y, m, n, k);
  } else {
    constexpr bool kBf16 = std::is_same_v<T, BF16>;
    const MatMulShape s = WithLeading({m, n, k, false, true});
    if (m == 0 || n == 0) return;
    if (m <= (kBf16 ? kGemvRowsBf16 : kGemvRowsFloat)) {
      RunGemv(GemvArgs<T, Y>{m, n, k, 1, x, k, weight, k, bias, y, n});
    } else if (bias == nullptr) {
      MatMulForward(s, 1, x, weight, 0, y);
    } else if (TryBf16Product(s, 1, x, weight, 0, bias, y)) {
      return;
    } else if constexpr (std::is_same_v<Y, float>) {
      FillRows(bias, y, m, n);
      MatMulForward(s, 1, x, weight, 1, y);
    } else {
      Scratch<float> wide(m * n);
      FillRows(bias, wide.data(), m, n);
      Bf16ThroughFloat(s, 1, x, weight, 1, wide.data());
      Convert(wide.data(), y, m * n);
    }
  }
}

template <class T>
int64_t FastColumns(int64_t n) {
  const bool rounded = std::is_same_v<T, BF16> && HasFastBf16();
  return rounded ? (n + kBf16Columns - 1) / kBf16Columns * kBf16Columns : n;
}
template int64_t FastColumns<double>(int64_t);
template int64_t FastColumns<float>(int64_t);
template int64_t FastColumns<BF16>(int64_t);

#define ARCHLAB_INSTANTIATE(T, C)                                              \
  template void MatMulForward(const MatMulShape&, double, const T*, const T*,  \
                              double, C*);                                     \
  template void BatchedMatMulForward(const MatMulShape&, int64_t, double,      \
                                     const T*, int64_t, const T*, int64_t,     \
                                     double, C*, int64_t);                     \
  template void LinearForward(const T*, const T*, const Wide<T>*, C*, int64_t, \
                              int64_t, int64_t)
ARCHLAB_INSTANTIATE(double, double);
ARCHLAB_INSTANTIATE(float, float);
ARCHLAB_INSTANTIATE(BF16, BF16);
ARCHLAB_INSTANTIATE(BF16, float);
#undef ARCHLAB_INSTANTIATE

}  // namespace archlab
