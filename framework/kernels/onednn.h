// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The one place that knows oneDNN; compiles against 2.6 and 3.x. Every call
// runs on the caller's OpenMP team, or on the calling thread inside a parallel
// region.

#ifndef ARCHLAB_ONEDNN_H_
#define ARCHLAB_ONEDNN_H_

#include <cstdint>
#include <string>

#include "archlab/tensor.h"
#include "kernels/matmul.h"

namespace archlab {

// "2.6.3".
std::string OneDnnVersion();
// Name of the best instruction set that oneDNN uses on this machine.
std::string OneDnnIsa();
// The CPU multiplies bf16 matrices in hardware (AMX).
bool HasAmx();
// bf16 products are worth it: with AMX, or with the dot products of AVX-512 on
// an AMD CPU, which do twice the work of an f32 instruction. On Intel's CPUs
// they do half of it (measured: 400 and 65 against 210 and 131 GF/s).
bool HasFastBf16();

// c = alpha op(a) op(b) + beta c in float, on the calling thread; leading
// dimensions must be set.
void Sgemm(const MatMulShape& shape, float alpha, const float* a,
           const float* b, float beta, float* c);

// While one lives, oneDNN runs what the calling thread asks for on that thread
// alone, as it does inside a parallel region.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  const int threads_;  // 0: there was nothing to change
};

// A bf16 product on a oneDNN primitive: c = op(a) op(b) (+ c) (+ bias), with
// dense operands and k and n multiples of 32 (other shapes trap, err or leak
// NaNs in one version or another).
struct Bf16Product {
  MatMulShape shape;
  DType c_dtype = DType::kBF16;  // kF32 or kBF16
  bool accumulate = false;       // + c
  bool bias = false;             // + bias [n], f32
  friend bool operator==(const Bf16Product& a, const Bf16Product& b);
};

inline constexpr int64_t kBf16Columns = 32;  // n and k are multiples

// The shape is one that the rules above allow.
bool CanRunBf16Product(const Bf16Product& product);
// Runs it on the OpenMP team, or on the calling thread inside a parallel
// region; false when this CPU or version has no fast implementation. Primitives
// are made once a shape and kept, with a thread's own scratch memory.
bool RunBf16Product(const Bf16Product& product, const BF16* a, const BF16* b,
                    const float* bias, void* c);

// What implementation oneDNN has for it: "brgemm:avx512_core_amx_bf16", or ""
// when none. For tests and benchmarks, which fail on "ref".
std::string Bf16ProductImplementation(const Bf16Product& product);

}  // namespace archlab

#endif  // ARCHLAB_ONEDNN_H_
