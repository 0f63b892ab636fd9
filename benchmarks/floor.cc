// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "floor.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "archlab/parallel_for.h"
#include "oneapi/dnnl/dnnl.hpp"
#include "timing.h"

namespace archlab {
namespace {

using Type = dnnl::memory::data_type;
using Descriptor = dnnl::memory::desc;
using Dims = dnnl::memory::dims;

constexpr int kTries = 5;

// bf16 products trap or err on odd shapes in some versions of oneDNN, and
// archlab pads too.
constexpr int64_t kBf16Multiple = 32;

const dnnl::engine& Engine() {
  static const auto* const engine =
      new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *engine;
}

dnnl::matmul::primitive_desc Describe(const Descriptor& a, const Descriptor& b,
                                      const Descriptor& c) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::matmul::primitive_desc(Engine(), a, b, c);
#else
  return dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, c), Engine());
#endif
}

Tensor Operand(const Product& p, int64_t rows, int64_t columns, DType dtype) {
  return Tensor::Full({p.batch, rows, columns}, dtype, 0.01);
}

// [batch,] rows x columns, stored the other way round when transposed.
Descriptor Plain(const Product& p, int64_t rows, int64_t columns, bool turned,
                 Type type) {
  const Dims inner = turned ? Dims{1, rows} : Dims{columns, 1};
  if (p.batch == 1) return Descriptor({rows, columns}, type, inner);
  return Descriptor({p.batch, rows, columns}, type,
                    {rows * columns, inner[0], inner[1]});
}

Descriptor AnyLayout(const Product& p, int64_t rows, int64_t columns,
                     Type type) {
  const auto any = dnnl::memory::format_tag::any;
  if (p.batch == 1) return Descriptor({rows, columns}, type, any);
  return Descriptor({p.batch, rows, columns}, type, any);
}

std::function<void()> MakeSgemm(const Product& p) {
  Tensor a = Operand(p, p.m, p.k, DType::kF32);
  Tensor b = Operand(p, p.k, p.n, DType::kF32);
  Tensor c = Operand(p, p.m, p.n, DType::kF32);
  return [p, a, b, c]() mutable {
    float *const x = a.data<float>(), *const y = b.data<float>(),
                 *const z = c.data<float>();
    const auto one = [&](int64_t i) {
      ARCHLAB_CHECK(dnnl_sgemm(p.transpose_a ? 'T' : 'N',
                               p.transpose_b ? 'T' : 'N', p.m, p.n, p.k, 1.0f,
                               x + i * p.m * p.k, p.transpose_a ? p.m : p.k,
                               y + i * p.k * p.n, p.transpose_b ? p.k : p.n,
                               0.0f, z + i * p.m * p.n, p.n) == dnnl_success)
          << "dnnl_sgemm failed";
    };
    if (p.batch == 1) return one(0);
    ParallelFor(p.batch, 1, [&](int64_t i, int64_t) { one(i); });
  };
}

// A primitive and what it works on; nullptr where there is only the naive one.
std::function<void()> MakeMatMul(const Product& p, DType dtype,
                                 bool any_layout) try {
  const Type type = dtype == DType::kF32 ? Type::f32 : Type::bf16;
  const bool wide = dtype == DType::kF32 || p.gradient;
  const Tensor a = Operand(p, p.m, p.k, dtype);
  Tensor b = Operand(p, p.k, p.n, dtype);
  const Tensor c = Operand(p, p.m, p.n, wide ? DType::kF32 : DType::kBF16);
  const Descriptor of_a = Plain(p, p.m, p.k, p.transpose_a, type);
  const Descriptor of_b = Plain(p, p.k, p.n, p.transpose_b, type);
  const Descriptor of_c =
      Plain(p, p.m, p.n, false, wide ? Type::f32 : Type::bf16);
  const auto made =
      Describe(of_a, any_layout ? AnyLayout(p, p.k, p.n, type) : of_b, of_c);
  if (absl::StartsWith(made.impl_info_str(), "ref")) return nullptr;
  const auto memory = [](const Descriptor& descriptor, const Tensor& tensor) {
    Tensor same = tensor;
    void* const data = same.dtype() == DType::kF32
                           ? static_cast<void*>(same.data<float>())
                           : static_cast<void*>(same.data<BF16>());
    return dnnl::memory(descriptor, Engine(), data);
  };
  const dnnl::memory second = dnnl::memory(made.weights_desc(), Engine());
  dnnl::stream stream(Engine());
  const dnnl::memory plain = memory(of_b, b);
  dnnl::reorder(plain, second)
      .execute(stream, const_cast<dnnl::memory&>(plain),
               const_cast<dnnl::memory&>(second));
  const std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_SRC, memory(of_a, a)},
      {DNNL_ARG_WEIGHTS, second},
      {DNNL_ARG_DST, memory(of_c, c)}};
  const dnnl::matmul primitive(made);
  // The tensors own what the arguments point to.
  return [primitive, arguments, stream, a, c]() mutable {
    primitive.execute(stream, arguments);
    stream.wait();
  };
} catch (const dnnl::error&) {
  return nullptr;
}

Product Padded(const Product& exact) {
  const auto up = [](int64_t n) {
    return (n + kBf16Multiple - 1) / kBf16Multiple * kBf16Multiple;
  };
  Product padded = exact;
  padded.m = up(exact.m), padded.n = up(exact.n), padded.k = up(exact.k);
  return padded;
}

Floor::Entry Choose(const Product& product, DType dtype) {
  std::vector<Floor::Entry> calls;
  const auto add = [&](const char* name, std::function<void()> run) {
    if (run) calls.push_back({product, name, 1e30, std::move(run)});
  };
  const bool f32 = dtype == DType::kF32;
  const Product run = f32 ? product : Padded(product);
  if (f32) add(product.batch > 1 ? "sgemm a head" : "sgemm", MakeSgemm(run));
  add("matmul", MakeMatMul(run, dtype, false));
  add("matmul, own layout", MakeMatMul(run, dtype, true));
  ARCHLAB_CHECK(!calls.empty()) << "oneDNN has no fast product of this shape";
  for (int i = 0; i < kTries + 1; ++i)
    for (Floor::Entry& call : calls) {
      const double seconds = SecondsOf(call.run);
      if (i > 0) call.seconds = std::min(call.seconds, seconds);
    }
  return *std::min_element(
      calls.begin(), calls.end(),
      [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
}

}  // namespace

Floor::Floor(const std::vector<Product>& products, DType dtype) {
  for (const Product& product : products)
    entries_.push_back(Choose(product, dtype));
}

// Round and round, as layer follows layer, so that not one product alone has
// the caches.
void Floor::Run() const {
  bool more = true;
  for (int64_t i = 0; more; ++i) {
    more = false;
    for (const Entry& entry : entries_) {
      if (i >= entry.product.count) continue;
      entry.run();
      more = true;
    }
  }
}

double Floor::flops() const {
  double sum = 0;
  for (const Entry& entry : entries_) sum += entry.product.flops();
  return sum;
}

}  // namespace archlab
