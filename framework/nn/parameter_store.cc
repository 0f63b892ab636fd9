// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/parameter_store.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "archlab/check.h"
#include "archlab/ops.h"
#include "archlab/parallel_for.h"
#include "archlab/random.h"
#include "autograd/tape.h"
#include "kernels/convert.h"
#include "kernels/elementwise.h"
#include "kernels/gemv_int8.h"

namespace archlab {
namespace {

// Masters are f32, except in f64 models, which exist for tests.
DType MasterType(DType compute) {
  return compute == DType::kF64 ? DType::kF64 : DType::kF32;
}

// Drawn as f32 in either case, so that f64 tests compare equal weights.
void Draw(const Init& init, const Random& random, float* y, int64_t n) {
  constexpr int64_t kGrain = 1 << 14;
  if (init.distribution == Init::kConstant) {
    std::fill(y, y + n, static_cast<float>(init.scale));
  } else if (init.distribution == Init::kNormal) {
    NormalNumbers(random, init.scale, y, n);
  } else {
    ParallelFor(n, kGrain, [&](int64_t begin, int64_t end) {
      Random uniform = random.Skip(static_cast<uint64_t>(begin) * 2);
      for (int64_t i = begin; i < end; ++i)
        y[i] = static_cast<float>(init.scale * (2 * uniform.Uniform() - 1));
    });
  }
}

void Fill(const Init& init, uint64_t seed, const std::string& path,
          Tensor& master) {
  const bool f64 = master.dtype() == DType::kF64;
  Tensor values = f64 ? Tensor::Empty(master.shape(), DType::kF32) : master;
  Draw(init, Random(seed, 0, SiteHash(path)), values.data<float>(),
       values.size());
  if (f64) Convert(values.data<float>(), master.data<double>(), values.size());
}

}  // namespace

ParameterStore::ParameterStore(DType compute, uint64_t seed, Storage storage)
    : compute_(compute), seed_(seed), storage_(storage) {}

Parameter ParameterStore::Add(const std::string& path, const Shape& shape,
                              Init init, ParameterTraits traits) {
  ARCHLAB_CHECK(Find(path) == nullptr) << "two parameters named " << path;
  auto data = std::make_unique<ParameterData>();
  data->path = path;
  data->shape = shape;
  data->traits = traits;
  if (storage_ == Storage::kValues) {
    data->master = Tensor::Empty(shape, MasterType(compute_));
    Fill(init, seed_, path, data->master);
    data->compute = data->master;
    if (compute_ == DType::kBF16 && !traits.keep_f32)
      data->compute = Tensor::Empty(shape, DType::kBF16);
    RefreshOne(*data);
  }
  by_path_.emplace(data->path, data.get());
  parameters_.push_back(std::move(data));
  return Parameter(parameters_.back().get());
}

Tensor ParameterStore::AddBuffer(const std::string& path, const Shape& shape) {
  Tensor value = storage_ == Storage::kValues
                     ? Tensor::Zeros(shape, DType::kF32)
                     : Tensor();
  buffers_.push_back({path, value});
  return value;
}

int64_t ParameterStore::CountUnder(absl::string_view prefix) const {
  int64_t count = 0;
  for (auto it = by_path_.lower_bound(prefix);
       it != by_path_.end() && absl::StartsWith(it->first, prefix); ++it)
    if (__builtin_add_overflow(count, it->second->shape.size(), &count))
      return std::numeric_limits<int64_t>::max();
  return count;
}

ParameterData* ParameterStore::Find(absl::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

void ParameterStore::RequireGradients(bool on) {
  for (const auto& parameter : parameters_) {
    parameter->compute = parameter->compute.Detach();
    if (on && parameter->trained) parameter->compute.SetRequiresGrad();
  }
  if (!on) return;
  for (const auto& parameter : parameters_)
    if (parameter->lora_a != nullptr) Compose(*parameter);
}

void ParameterStore::AdaptLowRank(ParameterData* matrix, int64_t rank,
                                  double scale) {
  ARCHLAB_CHECK(matrix->shape.rank() == 2) << matrix->path << " is no matrix";
  const int64_t out = matrix->shape[0], in = matrix->shape[1];
  matrix->trained = false;
  matrix->lora_scale = scale;
  const ParameterTraits traits = {.keep_f32 = matrix->traits.keep_f32};
  matrix->lora_a = Add(matrix->path + ".lora_a", {rank, in},
                       Init::Normal(1 / std::sqrt(double(in))), traits)
                       .data();
  matrix->lora_b =
      Add(matrix->path + ".lora_b", {out, rank}, Init::Zeros(), traits).data();
  if (storage_ == Storage::kValues) Compose(*matrix);
}

Tensor ParameterStore::Merged(const ParameterData& parameter) const {
  if (parameter.lora_a == nullptr) return parameter.master;
  const NoGrad no_grad;
  return parameter.master +
         MatMul(parameter.lora_b->master, parameter.lora_a->master) *
             parameter.lora_scale;  // [out, in]
}

void ParameterStore::Compose(ParameterData& matrix) {
  const Tensor change = MatMul(matrix.lora_b->compute, matrix.lora_a->compute) *
                        matrix.lora_scale;  // [out, in]
  matrix.compute =
      Cast(matrix.master.Detach() + change, matrix.lora_a->compute.dtype());
}

Tensor ParameterStore::Gradient(const ParameterData& parameter) const {
  return parameter.compute.grad();
}

void ParameterStore::ClearGradients() {
  for (const auto& parameter : parameters_) parameter->compute.ClearGrad();
}

void ParameterStore::Refresh() {
  for (const auto& parameter : parameters_) RefreshOne(*parameter);
  const NoGrad no_grad;
  for (const auto& parameter : parameters_)
    if (parameter->lora_a != nullptr) Compose(*parameter);
}

void ParameterStore::RoundToInt8(ParameterData* matrix) const {
  ARCHLAB_CHECK(matrix->shape.rank() == 2 && compute_ != DType::kF64)
      << matrix->path;
  const NoGrad no_grad;
  Tensor values = Merged(*matrix);  // [out, in]
  const DType dtype = matrix->compute.dtype();
  auto link = std::make_shared<TapeLink>();
  link->shape = matrix->shape;
  const auto int8 = std::make_shared<Int8Matrix>(
      values.data<float>(), matrix->shape[0], matrix->shape[1]);
  int8->Read(values.data<float>());
  link->int8 = int8;
  matrix->master = matrix->compute = Tensor();
  matrix->trained = false;
  matrix->compute = Cast(values, dtype).Detach();
  matrix->compute.set_link(std::move(link));
}

void ParameterStore::RefreshOne(ParameterData& parameter) {
  if (parameter.compute.dtype() != DType::kBF16) return;  // is the master
  if (parameter.lora_a != nullptr) return;                // is composed
  const float* from = parameter.master.data<float>();
  BF16* to = parameter.compute.data<BF16>();
  Convert(from, to, parameter.master.size());
}

const Tensor& Parameter::value() const { return data_->compute; }

}  // namespace archlab
