// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The walk over the tape. See tape.h.

#include <queue>
#include <utility>

#include "archlab/check.h"
#include "autograd/dispatch.h"
#include "autograd/tape.h"

namespace archlab {
namespace {

// Adds `gradient` to the node's; in place when nobody else holds the memory.
void Accumulate(TapeLink& node, const Tensor& gradient) {
  ARCHLAB_CHECK_EQ(gradient.shape(), node.shape)
      << "gradient of the result of " << node.name;
  const Tensor term = Cast(gradient.Detach(), node.gradient_dtype);
  if (!node.gradient.defined()) {
    node.gradient = term;
  } else if (node.gradient.is_sole_owner()) {
    AddInPlace(node.gradient, term);
  } else {
    node.gradient = Add(node.gradient, term);
  }
}

// What a gradient function sees of the node that it belongs to.
class NodeGradients final : public Gradients {
 public:
  explicit NodeGradients(TapeLink& node) : node_(node) {}
  bool Needs(int i) const override { return node_.inputs[i] != nullptr; }
  void Add(int i, const Tensor& gradient) override {
    if (Needs(i)) Accumulate(*node_.inputs[i], gradient);
  }

 private:
  TapeLink& node_;
};

struct Older {
  bool operator()(const std::shared_ptr<TapeLink>& a,
                  const std::shared_ptr<TapeLink>& b) const {
    return a->sequence < b->sequence;
  }
};
using Youngest =
    std::priority_queue<std::shared_ptr<TapeLink>,
                        CacheVector<std::shared_ptr<TapeLink>>, Older>;

void Push(const std::shared_ptr<TapeLink>& node, Youngest& queue) {
  if (node == nullptr || node->is_leaf || node->is_queued) return;
  node->is_queued = true;
  queue.push(node);
}

// Runs the gradient function, then lets go of everything the node held. Returns
// its inputs.
TapeLink::Inputs Visit(TapeLink& node) {
  ARCHLAB_CHECK(!node.is_spent)
      << "second backward pass through " << node.name
      << ", whose graph is freed; compute the loss again";
  const Tensor dy = std::move(node.gradient);
  node.gradient = Tensor();
  if (dy.defined()) {
    NodeGradients gradients(node);
    node.backward->Run(dy, gradients);
  }
  node.backward = nullptr;
  TapeLink::Inputs inputs = std::move(node.inputs);
  node.inputs.clear();
  node.is_spent = true;
  node.is_queued = false;
  return inputs;
}

}  // namespace

void Backward(const Tensor& loss) {
  ARCHLAB_CHECK_EQ(loss.size(), 1) << "Backward starts from a scalar";
  ARCHLAB_CHECK(loss.requires_grad())
      << "the loss was made from nothing that requires a gradient";
  const NoGrad no_grad;
  Accumulate(*loss.link(), Tensor::Full(loss.shape(), loss.dtype(), 1));
  Youngest queue;
  Push(loss.link(), queue);
  while (!queue.empty()) {
    const std::shared_ptr<TapeLink> node = queue.top();
    queue.pop();
    for (const auto& input : Visit(*node)) Push(input, queue);
  }
}

}  // namespace archlab
