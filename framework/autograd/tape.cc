// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "autograd/tape.h"

#include <algorithm>
#include <atomic>

#include "archlab/check.h"

namespace archlab {
namespace {

thread_local bool recording = true;

// What a destroyed node leaves behind. Destroying it may destroy further nodes,
// which add to the same list, so a chain of any length goes iteratively.
struct Remains {
  TapeLink::Inputs inputs;
  std::shared_ptr<GradientFunction> backward;
};
thread_local CacheVector<Remains>* graveyard = nullptr;

std::atomic<uint64_t> next_sequence{1};

std::shared_ptr<TapeLink> NewLink() {
  return std::allocate_shared<TapeLink>(CacheAllocator<TapeLink>());
}

}  // namespace

TapeLink::~TapeLink() {
  if (inputs.empty() && backward == nullptr) return;
  if (graveyard != nullptr) {
    graveyard->push_back({std::move(inputs), std::move(backward)});
    return;
  }
  CacheVector<Remains> remains;
  remains.push_back({std::move(inputs), std::move(backward)});
  graveyard = &remains;
  while (!remains.empty()) {
    Remains last = std::move(remains.back());
    remains.pop_back();
  }
  graveyard = nullptr;
}

NoGrad::NoGrad() : before_(recording) { recording = false; }
NoGrad::~NoGrad() { recording = before_; }

bool NeedsGrad(const Tensor& x) { return recording && x.link() != nullptr; }

bool NeedsGrad(std::initializer_list<Tensor> inputs) {
  return std::any_of(inputs.begin(), inputs.end(),
                     [](const Tensor& x) { return NeedsGrad(x); });
}

Tensor KeepIf(bool needed, const Tensor& x) {
  return needed && x.defined() ? x.Detach() : Tensor();
}

Tensor RecordNode(const char* name, Tensor y, const Tensor* inputs,
                  int64_t count, std::shared_ptr<GradientFunction> backward) {
  auto link = NewLink();
  link->name = name;
  link->sequence = next_sequence.fetch_add(1, std::memory_order_relaxed);
  link->is_leaf = false;
  link->shape = y.shape();
  link->gradient_dtype = y.dtype();
  link->inputs.reserve(count);
  for (int64_t i = 0; i < count; ++i) link->inputs.push_back(inputs[i].link());
  link->backward = std::move(backward);
  y.set_link(std::move(link));
  return y;
}

Tensor CustomOp(const char* name, const Tensor& output,
                const std::vector<Tensor>& inputs, BackwardFn backward) {
  const bool needed = std::any_of(inputs.begin(), inputs.end(),
                                  [](const Tensor& x) { return NeedsGrad(x); });
  if (!needed) return output.Detach();
  return RecordNode(name, output.Detach(), inputs.data(), inputs.size(),
                    MakeGradientFunction(std::move(backward)));
}

bool Tensor::requires_grad() const { return link_ != nullptr; }

Tensor& Tensor::SetRequiresGrad() {
  ARCHLAB_CHECK(defined() && IsFloat(dtype_))
      << "only a floating-point tensor can require a gradient";
  if (link_ != nullptr) return *this;
  link_ = NewLink();
  link_->shape = shape_;
  link_->gradient_dtype = dtype_ == DType::kBF16 ? DType::kF32 : dtype_;
  return *this;
}

Tensor Tensor::grad() const {
  return link_ != nullptr ? link_->gradient : Tensor();
}

void Tensor::ClearGrad() {
  if (link_ != nullptr) link_->gradient = Tensor();
}

Tensor Tensor::Detach() const {
  Tensor x = *this;
  x.link_ = nullptr;
  return x;
}

}  // namespace archlab
