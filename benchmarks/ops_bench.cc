// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Operations that memory bounds, over the time that a triad (y = a + s b) needs
// for as many bytes: what an operation must read and write, once. Both take
// turns in one run; `over_triad` is the ratio of the medians. Large arrays are
// beyond the last cache, small ones within it.
//   ops_bench --benchmark_filter=norm      all options: --help

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "archlab/adamw_step.h"
#include "archlab/parallel_for.h"
#include "archlab/random.h"
#include "archlab/tensor.h"
#include "benchmark/benchmark.h"
#include "cli/omp_environment.h"
#include "kernels/kernels.h"
#include "nn/parameter_store.h"
#include "timing.h"
#include "training/gradients.h"

namespace archlab {
namespace {

struct Size {
  int64_t rows, width;
  int64_t count() const { return rows * width; }
};

// What is measured, ready to run again and again, and what it must read and
// write.
struct Work {
  double bytes;
  std::function<void()> run;
};

template <class T>
constexpr DType kType = DType::kF32;
template <>
constexpr DType kType<BF16> = DType::kBF16;

// Numbers in [-1, 1) without a pattern that matters.
template <class T>
Tensor Values(int64_t n) {
  Tensor x = Tensor::Empty({n}, DType::kF32);
  uint32_t state = 1;
  for (int64_t i = 0; i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    x.data<float>()[i] = static_cast<float>(state >> 8) * 0x1p-23f - 1;
  }
  if (kType<T> == DType::kF32) return x;
  Tensor y = Tensor::Empty({n}, kType<T>);
  Convert(x.data<float>(), y.data<T>(), n);
  return y;
}

// n ids below `end`.
Tensor Ids(int64_t n, int64_t end) {
  Tensor ids = Tensor::Empty({n}, DType::kI32);
  uint32_t state = 7;
  for (int64_t i = 0; i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    ids.data<int32_t>()[i] = static_cast<int32_t>((state >> 8) % end);
  }
  return ids;
}

// `inputs` arrays and one output of the same size.
template <class T, class Run>
Work Map(Size size, int inputs, Run run) {
  const int64_t n = size.count();
  std::vector<Tensor> x;
  x.reserve(inputs);
  for (int i = 0; i < inputs; ++i) x.push_back(Values<T>(n));
  Tensor y = Values<T>(n);
  return {double(n) * sizeof(T) * (inputs + 1), [=]() mutable {
            run(x[0].data<T>(), x.back().data<T>(), y.data<T>());
          }};
}

template <class T>
Work Add(Size size) {
  const Shape shape = {size.rows, size.width};
  return Map<T>(size, 2, [=](const T* a, const T* b, T* y) {
    BinaryForward(BinaryOp::kAdd, a, shape, b, shape, y, shape);
  });
}

template <class T, UnaryOp op>
Work Unary(Size size) {
  return Map<T>(size, 1, [=](const T* x, const T*, T* y) {
    UnaryForward(op, x, y, size.count());
  });
}

template <class T, UnaryOp op>
Work UnaryGradient(Size size) {
  return Map<T>(size, 2, [=](const T* x, const T* dy, T* dx) {
    UnaryBackward(op, x, dy, dx, size.count());
  });
}

template <class T>
Work SwiGlu(Size size) {
  return Map<T>(size, 2, [=](const T* a, const T* b, T* y) {
    GatedForward(Gate::kSilu, a, b, y, size.count());
  });
}

template <class T>
Work SwiGluGradient(Size size) {
  const int64_t n = size.count();
  Tensor a = Values<T>(n), b = Values<T>(n), dy = Values<T>(n),
         da = Values<T>(n), db = Values<T>(n);
  return {5.0 * n * sizeof(T), [=]() mutable {
            GatedBackward(Gate::kSilu, a.data<T>(), b.data<T>(), dy.data<T>(),
                          da.data<T>(), db.data<T>(), n);
          }};
}

template <class T>
Work Softmax(Size size) {
  return Map<T>(size, 1, [=](const T* x, const T*, T* y) {
    SoftmaxForward(x, y, size.rows, size.width);
  });
}

template <class T>
Work SoftmaxGradient(Size size) {
  return Map<T>(size, 2, [=](const T* y, const T* dy, T* dx) {
    SoftmaxBackward(y, dy, dx, size.rows, size.width);
  });
}

template <class T>
Work Dropout(Size size) {
  return Map<T>(size, 1, [=](const T* x, const T*, T* y) {
    DropoutForward(x, 0.1, Random(1, 0, 0), y, size.count());
  });
}

// Gains, statistics and gradients of gains of a norm.
struct NormArrays {
  explicit NormArrays(Size size)
      : gain(Values<float>(size.width)),
        bias(Values<float>(size.width)),
        mean(Values<float>(size.rows)),
        rstd(Values<float>(size.rows)) {}
  Tensor gain, bias, mean, rstd;
};

template <class T>
Work LayerNorm(Size size) {
  return Map<T>(
      size, 1, [=, a = NormArrays(size)](const T* x, const T*, T* y) mutable {
        LayerNormForward(x, a.gain.data<float>(), a.bias.data<float>(), 1e-5, y,
                         a.mean.data<float>(), a.rstd.data<float>(), size.rows,
                         size.width);
      });
}

template <class T>
Work LayerNormGradient(Size size) {
  return Map<T>(size, 2,
                [=, a = NormArrays(size), gains = NormArrays(size)](
                    const T* x, const T* dy, T* dx) mutable {
                  LayerNormBackward(
                      x, a.gain.data<float>(), a.mean.data<float>(),
                      a.rstd.data<float>(), dy, dx, gains.gain.data<float>(),
                      gains.bias.data<float>(), size.rows, size.width);
                });
}

template <class T>
Work RmsNorm(Size size) {
  return Map<T>(size, 1,
                [=, a = NormArrays(size)](const T* x, const T*, T* y) mutable {
                  RmsNormForward(x, a.gain.data<float>(), 1e-5, y,
                                 a.rstd.data<float>(), size.rows, size.width);
                });
}

template <class T>
Work RmsNormGradient(Size size) {
  return Map<T>(size, 2,
                [=, a = NormArrays(size), gains = NormArrays(size)](
                    const T* x, const T* dy, T* dx) mutable {
                  RmsNormBackward(x, a.gain.data<float>(), a.rstd.data<float>(),
                                  dy, dx, gains.gain.data<float>(), size.rows,
                                  size.width);
                });
}

template <class T>
Work BiasGradient(Size size) {
  Tensor dy = Values<T>(size.count()), db = Values<float>(size.width);
  return {double(size.count()) * sizeof(T), [=]() mutable {
            SumAxis(dy.data<T>(), db.data<float>(), 1, size.rows, size.width);
          }};
}

template <class T>
Work CrossEntropy(Size size) {
  Tensor targets = Ids(size.rows, size.width),
         weights = Tensor::Full({size.rows}, DType::kF32, 1);
  return Map<T>(size, 1, [=](const T* x, const T*, T* dx) mutable {
    CrossEntropyRows(x, targets.data<int32_t>(), weights.data<float>(), 0, dx,
                     size.rows, size.width, size.width);
  });
}

// Rows of a table of half as many rows.
template <class T>
Work Embedding(Size size) {
  const int64_t rows = size.rows / 2;
  Tensor ids = Ids(size.rows, rows), table = Values<T>(rows * size.width),
         y = Values<T>(size.count());
  return {1.5 * size.count() * sizeof(T), [=]() mutable {
            GatherRowsForward(table.data<T>(), ids.data<int32_t>(), y.data<T>(),
                              size.rows, rows, size.width);
          }};
}

template <class T>
Work EmbeddingGradient(Size size) {
  const int64_t rows = size.rows / 2;
  Tensor ids = Ids(size.rows, rows), table = Values<float>(rows * size.width),
         dy = Values<T>(size.count());
  return {double(size.count()) * (sizeof(T) + sizeof(float)), [=]() mutable {
            GatherRowsBackward(dy.data<T>(), ids.data<int32_t>(),
                               table.data<float>(), size.rows, rows,
                               size.width);
          }};
}

// Heads of 64.
template <class T>
Work Rotary(Size size) {
  constexpr int64_t kDim = 64, kPairs = kDim / 2, kPlaces = 1024;
  Tensor table = Values<float>(kPlaces * kPairs),
         places = Ids(size.rows, kPlaces);
  return Map<T>(size, 1, [=](const T* x, const T*, T* y) mutable {
    RotaryForward(x, table.data<float>(), table.data<float>(),
                  places.data<int32_t>(), y, size.rows, size.width / kDim, kDim,
                  kPairs, false, false);
  });
}

template <class From, class To>
Work Conversion(Size size) {
  Tensor x = Values<From>(size.count()), y = Values<To>(size.count());
  return {double(size.count()) * (sizeof(From) + sizeof(To)), [=]() mutable {
            Convert(x.data<From>(), y.data<To>(), size.count());
          }};
}

struct AdamWConstants {
  double beta1() const { return 0.9; }
  double beta2() const { return 0.999; }
  double epsilon() const { return 1e-8; }
  double weight_decay() const { return 0.1; }
};

// Reads the gradient; reads and writes weights and both running means.
Work AdamW(Size size) {
  const int64_t n = size.count();
  const size_t length = static_cast<size_t>(n);
  Tensor w = Values<float>(n), g = Values<float>(n),
         m = Tensor::Zeros({n}, DType::kF32),
         v = Tensor::Zeros({n}, DType::kF32);
  return {7.0 * n * sizeof(float), [=]() mutable {
            absl::Span<float> state[] = {{m.data<float>(), length},
                                         {v.data<float>(), length}};
            OptimizerTensor tensor = {"w",
                                      {n},
                                      true,
                                      true,
                                      {w.data<float>(), length},
                                      {g.data<float>(), length},
                                      absl::MakeSpan(state)};
            AdamWStep(AdamWConstants(), 10, 1e-4, tensor);
          }};
}

// The gradients of a store with one parameter, zeros.
struct OneGradient {
  explicit OneGradient(Size size) : store(DType::kF32, 1) {
    store.Add("w", {size.rows, size.width}, Init::Zeros(), {});
    sum = std::make_unique<GradientSum>(&store);
    sum->AddFromStore();
  }
  ParameterStore store;
  std::unique_ptr<GradientSum> sum;
};

Work GradientNorm(Size size) {
  auto gradient = std::make_shared<OneGradient>(size);
  return {4.0 * size.count(),
          [=] { benchmark::DoNotOptimize(gradient->sum->Norm()); }};
}

Work GradientScale(Size size) {
  auto gradient = std::make_shared<OneGradient>(size);
  return {8.0 * size.count(), [=] { gradient->sum->Scale(0.5f); }};
}

// y = a + s b over as many bytes as the work.
class Triad {
 public:
  explicit Triad(double bytes)
      : n_(static_cast<int64_t>(bytes / 3 / sizeof(float))),
        a_(Values<float>(n_)),
        b_(Values<float>(n_)),
        y_(Values<float>(n_)) {}
  void Run() {
    const float *a = a_.data<float>(), *b = b_.data<float>();
    float* const y = y_.data<float>();
    ParallelFor(n_, 32768, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) y[i] = a[i] + 3.0f * b[i];
    });
  }

 private:
  const int64_t n_;
  Tensor a_, b_, y_;
};

void Measure(benchmark::State& state, Work (*make)(Size)) {
  const Work work = make({state.range(0), state.range(1)});
  Triad triad(work.bytes);
  std::vector<double> ours, least;
  for (auto _ : state) {
    work.run();  // brings back what a cache can hold
    ours.push_back(SecondsOf(work.run));
    triad.Run();
    least.push_back(SecondsOf([&] { triad.Run(); }));
    state.SetIterationTime(ours.back());
  }
  const double median = Quantile(least, 0.5);
  state.counters["over_triad"] = Quantile(ours, 0.5) / median;
  state.counters["triad_GB/s"] = 1e-9 * work.bytes / median;
}

void Register(const std::string& name, Work (*make)(Size)) {
  for (const bool large : {true, false})
    benchmark::RegisterBenchmark(name.c_str(), Measure, make)
        ->Args({large ? 16384 : 1024, large ? 1536 : 384})
        ->Iterations(large ? 9 : 101)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
}

template <class T>
void RegisterAll(const std::string& type) {
  Register("add/" + type, Add<T>);
  Register("layer_norm/" + type, LayerNorm<T>);
  Register("layer_norm_gradient/" + type, LayerNormGradient<T>);
  Register("rms_norm/" + type, RmsNorm<T>);
  Register("rms_norm_gradient/" + type, RmsNormGradient<T>);
  Register("gelu_tanh/" + type, Unary<T, UnaryOp::kGeluTanh>);
  Register("gelu_tanh_gradient/" + type, UnaryGradient<T, UnaryOp::kGeluTanh>);
  Register("gelu_erf/" + type, Unary<T, UnaryOp::kGeluErf>);
  Register("gelu_erf_gradient/" + type, UnaryGradient<T, UnaryOp::kGeluErf>);
  Register("swiglu/" + type, SwiGlu<T>);
  Register("swiglu_gradient/" + type, SwiGluGradient<T>);
  Register("softmax/" + type, Softmax<T>);
  Register("softmax_gradient/" + type, SoftmaxGradient<T>);
  Register("bias_gradient/" + type, BiasGradient<T>);
  Register("cross_entropy/" + type, CrossEntropy<T>);
  Register("embedding/" + type, Embedding<T>);
  Register("embedding_gradient/" + type, EmbeddingGradient<T>);
  Register("rotary/" + type, Rotary<T>);
  Register("dropout/" + type, Dropout<T>);
}

int Main(int argc, char** argv) {
  RegisterAll<float>("f32");
  RegisterAll<BF16>("bf16");
  Register("f32_to_bf16", Conversion<float, BF16>);
  Register("bf16_to_f32", Conversion<BF16, float>);
  Register("adamw", AdamW);
  Register("gradient_norm", GradientNorm);
  Register("gradient_scale", GradientScale);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace archlab

int main(int argc, char** argv) {
  archlab::WaitAsCommand("train", argv);
  return archlab::Main(argc, argv);
}
