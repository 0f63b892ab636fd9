// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The tape: eager reverse-mode differentiation. Every tensor that needs a
// gradient points at a TapeLink, a node of the graph; a node points at the
// nodes of the operation's inputs (never at their data) and holds the gradient
// function. Backward visits the nodes from the youngest to the oldest, so every
// node's gradient is complete when it is visited, and drops each gradient
// function as soon as it ran, so memory falls while it walks.
//
// Types: a gradient has the dtype of its tensor, with one exception: the
// gradient of a bf16 leaf (a parameter's compute copy) is f32, so that sums
// over micro-batches keep their digits.
//
// Order: contributions to one gradient are added in the order in which they
// come, which the sequence numbers fix, so the result does not depend on
// threads.
//
// Memory: nodes and gradient functions come from the cache of tensor/storage.h,
// so a steady step takes none from malloc.
//
// Gradient functions must capture off-tape handles (Detach): a captured handle
// on the tape would keep the graph alive.

#ifndef ARCHLAB_AUTOGRAD_TAPE_H_
#define ARCHLAB_AUTOGRAD_TAPE_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "archlab/ops.h"
#include "archlab/tensor.h"
#include "tensor/storage.h"

namespace archlab {

class Int8Matrix;  // kernels/gemv_int8.h

// A BackwardFn whose captures lie in the cache, where malloc is not asked.
class GradientFunction {
 public:
  virtual ~GradientFunction() = default;
  virtual void Run(const Tensor& dy, Gradients& out) = 0;
};

template <class F>
class GradientFunctionOf final : public GradientFunction {
 public:
  explicit GradientFunctionOf(F f) : f_(std::move(f)) {}
  void Run(const Tensor& dy, Gradients& out) override { f_(dy, out); }

 private:
  F f_;
};

template <class F>
std::shared_ptr<GradientFunction> MakeGradientFunction(F&& f) {
  using Own = GradientFunctionOf<std::decay_t<F>>;
  return std::allocate_shared<Own>(CacheAllocator<Own>(), std::forward<F>(f));
}

struct TapeLink {
  using Inputs = absl::InlinedVector<std::shared_ptr<TapeLink>, 4,
                                     CacheAllocator<std::shared_ptr<TapeLink>>>;

  TapeLink() = default;
  ~TapeLink();  // does not recurse, however deep the graph
  TapeLink(const TapeLink&) = delete;
  TapeLink& operator=(const TapeLink&) = delete;

  const char* name = "leaf";
  uint64_t sequence = 0;  // rises with every node; 0 for leaves
  bool is_leaf = true;
  bool is_spent = false;   // its gradient function ran and was freed
  bool is_queued = false;  // during Backward only
  Shape shape;
  DType gradient_dtype = DType::kF32;
  Tensor gradient;                             // undefined: none yet
  Inputs inputs;                               // null: wants no gradient
  std::shared_ptr<GradientFunction> backward;  // null for leaves
  // A weight whose values are these: what a product of a few rows reads where
  // nothing is recorded. Null: none. Views of the weight are without.
  std::shared_ptr<const Int8Matrix> int8;
};

// Whether an operation on x must be recorded: x wants a gradient and no NoGrad
// is in force on this thread.
bool NeedsGrad(const Tensor& x);
bool NeedsGrad(std::initializer_list<Tensor> inputs);

// x off the tape where a gradient function needs it, else no tensor, so that a
// function captures nothing it will not read.
Tensor KeepIf(bool needed, const Tensor& x);

// y, made from inputs off the tape, as a node of the graph.
Tensor RecordNode(const char* name, Tensor y, const Tensor* inputs,
                  int64_t count, std::shared_ptr<GradientFunction> backward);

// The same when an input wants a gradient; else y as it is.
template <class F>
Tensor Record(const char* name, Tensor y, std::initializer_list<Tensor> inputs,
              F&& backward) {
  if (!NeedsGrad(inputs)) return y;
  return RecordNode(name, std::move(y), inputs.begin(), inputs.size(),
                    MakeGradientFunction(std::forward<F>(backward)));
}

}  // namespace archlab

#endif  // ARCHLAB_AUTOGRAD_TAPE_H_
