// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Primitives of oneDNN, kept with their arguments.

#include "kernels/onednn.h"

#include <omp.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <exception>
#include <memory>
#include <unordered_map>

#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "kernels/flops.h"
#include "oneapi/dnnl/dnnl.hpp"
#include "tensor/storage.h"

namespace archlab {
namespace {

using Tag = dnnl::memory::data_type;
using Descriptor = dnnl::memory::desc;

// Primitives kept a thread; a model has some dozen shapes.
constexpr size_t kMaxPrimitives = 1024;

const dnnl::engine& Engine() {
  static const dnnl::engine* const engine =
      new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *engine;
}

// 2.x makes an operation descriptor first, 3.x goes without.
dnnl::matmul::primitive_desc MatMulDescriptor(
    const Descriptor& a, const Descriptor& b, const Descriptor& bias,
    const Descriptor& c, const dnnl::primitive_attr& attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::matmul::primitive_desc(Engine(), a, b, bias, c, attributes);
#else
  return dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, bias, c),
                                      attributes, Engine());
#endif
}

struct Descriptors {
  Descriptor a, b, bias, c;
};

Descriptors DescriptorsOf(const Bf16Product& product) {
  const MatMulShape& s = product.shape;
  Descriptors all;
  using Dims = dnnl::memory::dims;
  all.a = Descriptor({s.m, s.k}, Tag::bf16,
                     s.transpose_a ? Dims{1, s.m} : Dims{s.k, 1});
  all.b = Descriptor({s.k, s.n}, Tag::bf16,
                     s.transpose_b ? Dims{1, s.k} : Dims{s.n, 1});
  all.c = Descriptor({s.m, s.n},
                     product.c_dtype == DType::kF32 ? Tag::f32 : Tag::bf16,
                     Dims{s.n, 1});
  if (product.bias) all.bias = Descriptor({1, s.n}, Tag::f32, Dims{s.n, 1});
  return all;
}

dnnl::matmul::primitive_desc DescriptorOf(const Bf16Product& product) {
  const Descriptors all = DescriptorsOf(product);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (product.accumulate) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
  return MatMulDescriptor(all.a, all.b, all.bias, all.c, attributes);
}

// A primitive with its arguments; only the addresses change between calls.
struct Prepared {
  dnnl::matmul primitive;
  dnnl::memory a, b, bias, c, scratch;
  size_t scratch_bytes = 0;
  std::unordered_map<int, dnnl::memory> arguments;
};

// nullptr when there is no implementation but the naive one.
std::unique_ptr<Prepared> Prepare(const Bf16Product& product) try {
  const auto descriptor = DescriptorOf(product);
  if (absl::StartsWith(descriptor.impl_info_str(), "ref")) return nullptr;
  const Descriptors all = DescriptorsOf(product);
  auto made = std::make_unique<Prepared>();
  made->primitive = dnnl::matmul(descriptor);
  made->a = dnnl::memory(all.a, Engine(), nullptr);
  made->b = dnnl::memory(all.b, Engine(), nullptr);
  made->c = dnnl::memory(all.c, Engine(), nullptr);
  made->scratch = dnnl::memory(descriptor.scratchpad_desc(), Engine(), nullptr);
  made->scratch_bytes = descriptor.scratchpad_desc().get_size();
  made->arguments = {{DNNL_ARG_SRC, made->a},
                     {DNNL_ARG_WEIGHTS, made->b},
                     {DNNL_ARG_DST, made->c},
                     {DNNL_ARG_SCRATCHPAD, made->scratch}};
  if (product.bias) {  // 2.6 refuses an argument that it does not expect
    made->bias = dnnl::memory(all.bias, Engine(), nullptr);
    made->arguments.emplace(DNNL_ARG_BIAS, made->bias);
  }
  return made;
} catch (const dnnl::error&) {
  return nullptr;
}

struct Key {
  Bf16Product product;
  int threads;  // a primitive is made for a number of threads
  friend bool operator==(const Key& a, const Key& b) {
    return a.product == b.product && a.threads == b.threads;
  }
  template <class H>
  friend H AbslHashValue(H hash, const Key& key) {
    const Bf16Product& p = key.product;
    const MatMulShape& s = p.shape;
    return H::combine(std::move(hash), s.m, s.n, s.k, s.transpose_a,
                      s.transpose_b, int(p.c_dtype), p.accumulate, p.bias,
                      key.threads);
  }
};

// What a thread keeps: memory objects hold addresses, so they are not shared.
struct ThreadState {
  std::unordered_map<Key, std::unique_ptr<Prepared>, absl::Hash<Key>> prepared;
  dnnl::stream stream{Engine()};
  std::unique_ptr<Storage> scratch;  // only grows
};

ThreadState& State() {
  static thread_local ThreadState state;
  return state;
}

Prepared* Find(const Bf16Product& product) {
  auto& prepared = State().prepared;
  const int threads = omp_in_parallel() ? 1 : omp_get_max_threads();
  const Key key = {product, threads};
  const auto found = prepared.find(key);
  if (found != prepared.end()) return found->second.get();
  if (prepared.size() >= kMaxPrimitives) prepared.clear();
  return (prepared[key] = Prepare(product)).get();
}

bool Dense(const MatMulShape& s) {
  return s.lda == (s.transpose_a ? s.m : s.k) &&
         s.ldb == (s.transpose_b ? s.k : s.n) && s.ldc == s.n;
}

}  // namespace

bool operator==(const Bf16Product& a, const Bf16Product& b) {
  const auto all = [](const Bf16Product& p) {
    const MatMulShape& s = p.shape;
    return std::make_tuple(s.m, s.n, s.k, s.transpose_a, s.transpose_b,
                           p.c_dtype, p.accumulate, p.bias);
  };
  return all(a) == all(b);
}

std::string OneDnnVersion() {
  const dnnl::version_t* const version = dnnl::version();
  return absl::StrCat(version->major, ".", version->minor, ".", version->patch);
}

std::string OneDnnIsa() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::avx512_core_amx:
      return "avx512_core_amx";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx:
      return "avx";
    case dnnl::cpu_isa::sse41:
      return "sse41";
    default:
      return absl::StrCat("isa ", int(dnnl::get_effective_cpu_isa()));
  }
}

bool HasAmx() {
  static const bool has = [] {
    const int amx = int(dnnl::cpu_isa::avx512_core_amx);
    return (int(dnnl::get_effective_cpu_isa()) & amx) == amx;
  }();
  return has;
}

bool HasFastBf16() {
  static const bool has = [] {
    if (HasAmx()) return true;
#if defined(__x86_64__)
    const int bf16 = int(dnnl::cpu_isa::avx512_core_bf16);
    return (int(dnnl::get_effective_cpu_isa()) & bf16) == bf16 &&
           __builtin_cpu_is("amd");
#else
    return false;
#endif
  }();
  return has;
}

// oneDNN's sgemm asks malloc for its buffers in every call; glibc is told to
// keep what was freed, instead of giving pages back to the system and clearing
// them anew some hundred times a second.
void KeepFreedMemory() {
#if defined(__GLIBC__)
  [[maybe_unused]] static const bool told =
      mallopt(M_MMAP_THRESHOLD, 32 << 20) != 0 &&
      mallopt(M_TRIM_THRESHOLD, 256 << 20) != 0;
#endif
}

OneThread::OneThread()
    : threads_(omp_in_parallel() || omp_get_max_threads() == 1
                   ? 0
                   : omp_get_max_threads()) {
  if (threads_ > 0) omp_set_num_threads(1);
}

OneThread::~OneThread() {
  if (threads_ > 0) omp_set_num_threads(threads_);
}

void Sgemm(const MatMulShape& shape, float alpha, const float* a,
           const float* b, float beta, float* c) {
  KeepFreedMemory();
  CountProduct(shape.m, shape.n, shape.k);
  const OneThread alone;
  const dnnl_status_t status = dnnl_sgemm(
      shape.transpose_a ? 'T' : 'N', shape.transpose_b ? 'T' : 'N', shape.m,
      shape.n, shape.k, alpha, a, shape.lda, b, shape.ldb, beta, c, shape.ldc);
  ARCHLAB_CHECK_EQ(status, dnnl_success)
      << "dnnl_sgemm of " << shape.m << " x " << shape.n << " x " << shape.k;
}

bool CanRunBf16Product(const Bf16Product& product) {
  const MatMulShape& s = product.shape;
  return s.m > 0 && s.n > 0 && s.k > 0 && s.n % kBf16Columns == 0 &&
         s.k % kBf16Columns == 0 && Dense(s);
}

bool RunBf16Product(const Bf16Product& product, const BF16* a, const BF16* b,
                    const float* bias, void* c) {
  ARCHLAB_CHECK(CanRunBf16Product(product));
  Prepared* const prepared = Find(product);
  if (prepared == nullptr) return false;
  ThreadState& state = State();
  if (state.scratch == nullptr ||
      state.scratch->bytes < int64_t(prepared->scratch_bytes)) {
    state.scratch = nullptr;  // first, so that its memory can be used again
    state.scratch = std::make_unique<Storage>(prepared->scratch_bytes);
  }
  prepared->a.set_data_handle(const_cast<BF16*>(a));
  prepared->b.set_data_handle(const_cast<BF16*>(b));
  prepared->c.set_data_handle(c);
  prepared->scratch.set_data_handle(state.scratch->data);
  if (product.bias) prepared->bias.set_data_handle(const_cast<float*>(bias));
  prepared->primitive.execute(state.stream, prepared->arguments);
  CountProduct(product.shape.m, product.shape.n, product.shape.k);
  return true;
}

std::string Bf16ProductImplementation(const Bf16Product& product) try {
  return DescriptorOf(product).impl_info_str();
} catch (const dnnl::error&) {
  return "";
}

}  // namespace archlab
