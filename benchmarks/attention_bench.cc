// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention, forward and backward, as a training step calls it. What is printed
// are ratios of what was measured in turn in the same rounds, medians of them:
//   rate     of attention over that of batched products of oneDNN, counting two
//            products forward and five backward of the pairs that a mask allows
//   window   time of dense attention over that with a window of 256
//   growth   time and peak memory against T, and the fitted exponents
//   attention_bench [rounds [rates | windows | growth]]
//   attention_bench serve f32|bf16 T      once for every line of input, for
//                                         compare.py

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "archlab/ops.h"
#include "archlab/parallel_for.h"
#include "autograd/attention.h"
#include "cli/omp_environment.h"
#include "kernels/attention.h"
#include "kernels/onednn.h"
#include "oneapi/dnnl/dnnl.hpp"
#include "tensor/storage.h"
#include "timing.h"

namespace archlab {
namespace {

constexpr int64_t kHeads = 12, kWindow = 256;

// Numbers in [-1, 1) without a pattern that matters.
Tensor Numbers(const Shape& shape, DType dtype, uint32_t seed) {
  Tensor x = Tensor::Empty(shape, DType::kF32);
  uint32_t state = seed;
  for (int64_t i = 0; i < x.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    x.data<float>()[i] = (state >> 8) * 0x1p-23f - 1;
  }
  return Cast(x, dtype);
}

struct Setting {
  DType dtype = DType::kF32;
  int64_t length = 4096, dim = 64, kv_heads = kHeads, batch = 1;
  int64_t window = 0;  // 0: dense
};

// Causal attention with gradients of q, k and v.
class Attention {
 public:
  explicit Attention(const Setting& s) {
    AttentionPattern pattern;
    pattern.causal = true;
    if (s.window > 0) {
      pattern.sees = std::make_shared<TilePattern>(
          [w = s.window](int64_t query, int64_t key) {
            return query - key < w;
          },
          true, s.window - 1);
    }
    options_.mask =
        std::make_shared<AttentionMask>(pattern, s.batch, s.length, s.length);
    options_.scale = 1 / std::sqrt(double(s.dim));
    const Shape queries = {s.batch, s.length, kHeads, s.dim};
    const Shape keys = {s.batch, s.length, s.kv_heads, s.dim};
    q_ = Numbers(queries, s.dtype, 1).SetRequiresGrad();
    k_ = Numbers(keys, s.dtype, 2).SetRequiresGrad();
    v_ = Numbers(keys, s.dtype, 3).SetRequiresGrad();
    d_out_ = Numbers(queries, s.dtype, 4);
    flops_ = 7.0 * 2 * s.dim * kHeads * s.batch * options_.mask->CountPairs(0);
  }

  double flops() const { return flops_; }
  void Run() {
    const Tensor y = TiledAttention(q_, k_, v_, options_);
    Backward(CustomOp("end", Tensor::Full({}, DType::kF32, 0), {y},
                      [this](const Tensor&, Gradients& gradients) {
                        gradients.Add(0, d_out_);
                      }));
    for (Tensor* x : {&q_, &k_, &v_}) x->ClearGrad();
  }

 private:
  AttentionOptions options_;
  Tensor q_, k_, v_, d_out_;
  double flops_;
};

// A batch of kHeads products [m, k] [k, n] in one call of a oneDNN primitive,
// or one dnnl_sgemm each on the threads.
class Products {
 public:
  enum class Way { kPrimitive, kSgemm };
  Products(int64_t m, int64_t k, int64_t n, DType in, DType out, bool transpose,
           Way way)
      : m_(m), k_(k), n_(n), transpose_(transpose), way_(way) {
    a_ = Numbers({kHeads, m, k}, in, 1);
    b_ = Numbers({kHeads, k, n}, in, 2);
    c_ = Tensor::Zeros({kHeads, m, n}, out);
    if (way == Way::kPrimitive) MakePrimitive(in, out);
  }

  double flops() const { return 2.0 * kHeads * m_ * k_ * n_; }
  void Run() {
    if (way_ == Way::kPrimitive) {
      primitive_.execute(stream_, arguments_);
      stream_.wait();
      return;
    }
    MatMulShape shape;
    shape.m = m_;
    shape.n = n_;
    shape.k = k_;
    shape.transpose_b = transpose_;
    shape.lda = k_;
    shape.ldb = transpose_ ? k_ : n_;
    shape.ldc = n_;
    ParallelFor(kHeads, 1, [&](int64_t h, int64_t) {
      Sgemm(shape, 1, a_.data<float>() + h * m_ * k_,
            b_.data<float>() + h * k_ * n_, 0, c_.data<float>() + h * m_ * n_);
    });
  }

 private:
  static dnnl::memory::data_type TypeOf(DType dtype) {
    return dtype == DType::kF32 ? dnnl::memory::data_type::f32
                                : dnnl::memory::data_type::bf16;
  }

  void MakePrimitive(DType in, DType out) {
    using Dims = dnnl::memory::dims;
    const dnnl::memory::desc a({kHeads, m_, k_}, TypeOf(in),
                               Dims{m_ * k_, k_, 1}),
        b({kHeads, k_, n_}, TypeOf(in),
          transpose_ ? Dims{k_ * n_, 1, k_} : Dims{k_ * n_, n_, 1}),
        c({kHeads, m_, n_}, TypeOf(out), Dims{m_ * n_, n_, 1});
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::matmul::primitive_desc descriptor(engine_, a, b, c);
#else
    const dnnl::matmul::primitive_desc descriptor(dnnl::matmul::desc(a, b, c),
                                                  engine_);
#endif
    primitive_ = dnnl::matmul(descriptor);
    arguments_ = {{DNNL_ARG_SRC, dnnl::memory(a, engine_, a_.raw())},
                  {DNNL_ARG_WEIGHTS, dnnl::memory(b, engine_, b_.raw())},
                  {DNNL_ARG_DST, dnnl::memory(c, engine_, c_.raw())}};
  }

  const int64_t m_, k_, n_;
  const bool transpose_;
  const Way way_;
  Tensor a_, b_, c_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::matmul primitive_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

// Median seconds of each work; they take turns. Short ones run several times.
std::vector<double> Rounds(int rounds,
                           const std::vector<std::function<void()>>& works) {
  std::vector<std::vector<double>> seconds(works.size());
  for (int round = 0; round < rounds + 1; ++round) {  // the first warms up
    for (size_t i = 0; i < works.size(); ++i) {
      double spent = 0;
      int runs = 0;
      for (; spent < 0.02; ++runs) spent += SecondsOf(works[i]);
      if (round > 0) seconds[i].push_back(spent / runs);
    }
  }
  std::vector<double> medians;
  medians.reserve(seconds.size());
  for (const auto& x : seconds) medians.push_back(Quantile(x, 0.5));
  return medians;
}

const char* NameOf(DType dtype) {
  return dtype == DType::kF32 ? "f32" : "bf16";
}

// All ways in which oneDNN computes products [m, k] [k, n] from dtype.
std::vector<std::unique_ptr<Products>> AllProducts(DType dtype, int64_t m,
                                                   int64_t k, int64_t n) {
  using Way = Products::Way;
  std::vector<std::unique_ptr<Products>> all;
  for (const bool transpose : {false, true}) {
    const auto add = [&](DType out, Way way) {
      all.push_back(
          std::make_unique<Products>(m, k, n, dtype, out, transpose, way));
    };
    add(DType::kF32, Way::kPrimitive);
    add(dtype, dtype == DType::kF32 ? Way::kSgemm : Way::kPrimitive);
  }
  return all;
}

// Rate of attention over the best rate of products 1024 x dim x 1024 (scores)
// and of 1024 x 1024 x dim (values).
void PrintRate(const Setting& s, int rounds) {
  Attention attention(s);
  auto scores = AllProducts(s.dtype, 1024, s.dim, 1024);
  auto values = AllProducts(s.dtype, 1024, 1024, s.dim);
  std::vector<std::function<void()>> works = {[&] { attention.Run(); }};
  for (auto& x : scores) works.push_back([&] { x->Run(); });
  for (auto& x : values) works.push_back([&] { x->Run(); });
  const std::vector<double> seconds = Rounds(rounds, works);
  const double rate = attention.flops() / seconds[0];
  double best_scores = 0, best_values = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    best_scores = std::max(best_scores, scores[i]->flops() / seconds[1 + i]);
    best_values = std::max(best_values,
                           values[i]->flops() / seconds[1 + scores.size() + i]);
  }
  std::printf("%-5s %3ld %6ld %4ld %6ld %18.2f %18.2f\n", NameOf(s.dtype),
              s.batch, s.length, s.dim, s.kv_heads, rate / best_scores,
              rate / best_values);
  std::fflush(stdout);
}

void PrintRates(int rounds) {
  std::printf(
      "Rate of attention (forward and backward, causal, %ld heads) over that "
      "of oneDNN's products\n"
      "dtype   B      T    D  Hkv   / 1024 x D x 1024  / 1024 x 1024 x D\n",
      kHeads);
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    PrintRate({.dtype = dtype}, rounds);
    PrintRate({.dtype = dtype, .dim = 32}, rounds);
    PrintRate({.dtype = dtype, .dim = 128}, rounds);
    PrintRate({.dtype = dtype, .kv_heads = 4}, rounds);
    PrintRate({.dtype = dtype, .length = 1024, .batch = 1}, rounds);
    PrintRate({.dtype = dtype, .length = 256, .batch = 16}, rounds);
  }
}

void PrintWindows(int rounds) {
  std::printf("\nTime of dense attention over that of a window of %ld\n",
              kWindow);
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    for (const int64_t length : {4096, 8192}) {
      Attention dense({.dtype = dtype, .length = length});
      Attention window({.dtype = dtype, .length = length, .window = kWindow});
      const std::vector<double> seconds =
          Rounds(rounds, {[&] { dense.Run(); }, [&] { window.Run(); }});
      std::printf("%-5s T %5ld: %.2f\n", NameOf(dtype), length,
                  seconds[0] / seconds[1]);
      std::fflush(stdout);
    }
  }
}

// Bytes of tensors and scratch at the highest, q, k and v included.
double PeakBytes(const Setting& s) {
  const int64_t before = ReadMemoryCounters().live_bytes;
  Attention attention(s);
  attention.Run();
  ResetPeakMemory();
  attention.Run();
  return ReadMemoryCounters().peak_bytes - before;
}

// The exponent p of the least-squares fit y ~ x^p.
double Exponent(const std::vector<double>& x, const std::vector<double>& y) {
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double a = std::log(x[i]), b = std::log(y[i]);
    sx += a, sy += b, sxx += a * a, sxy += a * b;
  }
  const double n = x.size();
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

void PrintGrowth(DType dtype, int64_t window, int rounds) {
  std::vector<double> lengths, bytes;
  std::vector<std::unique_ptr<Attention>> all;
  std::vector<std::function<void()>> works;
  for (int64_t length = 256; length <= 8192; length *= 2) {
    const Setting s = {.dtype = dtype, .length = length, .window = window};
    lengths.push_back(length);
    bytes.push_back(PeakBytes(s));
    all.push_back(std::make_unique<Attention>(s));
    works.push_back([&all, i = all.size() - 1] { all[i]->Run(); });
  }
  const std::vector<double> seconds = Rounds(rounds, works);
  std::printf("\nGrowth, %s, %s\n    T   time / before   memory / before\n",
              NameOf(dtype), window > 0 ? "window of 256" : "dense");
  for (size_t i = 1; i < lengths.size(); ++i) {
    std::printf("%5.0f %15.2f %17.3f\n", lengths[i],
                seconds[i] / seconds[i - 1], bytes[i] / bytes[i - 1]);
  }
  std::printf("exponents: time %.2f, memory %.2f\n", Exponent(lengths, seconds),
              Exponent(lengths, bytes));
  std::fflush(stdout);
}

void Serve(const Setting& s) {
  Attention attention(s);
  attention.Run();
  std::printf("ready\n");
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) {
    std::printf("%.9f\n", SecondsOf([&] { attention.Run(); }));
    std::fflush(stdout);
  }
}

int Main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "serve") {
    const std::string dtype = argv[2];
    const int length = std::atoi(argv[3]);
    if ((dtype != "f32" && dtype != "bf16") || length < 1) {
      std::fprintf(stderr, "attention_bench: serve f32|bf16 T, T > 0\n");
      return 2;
    }
    Serve({.dtype = dtype == "f32" ? DType::kF32 : DType::kBF16,
           .length = length});
    return 0;
  }
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  const std::string part = argc > 2 ? argv[2] : "";
  const auto wants = [&](const char* name) {
    return part.empty() || part == name;
  };
  if (wants("rates")) PrintRates(rounds);
  if (wants("windows")) PrintWindows(rounds);
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    for (const int64_t window : {int64_t{0}, kWindow}) {
      if (wants("growth")) PrintGrowth(dtype, window, rounds);
    }
  }
  return 0;
}

}  // namespace
}  // namespace archlab

int main(int argc, char** argv) {
  archlab::WaitAsCommand("train", argv);
  return archlab::Main(argc, argv);
}
