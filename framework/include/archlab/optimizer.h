// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Optimizer and Schedule: gradients to new weights; learning rate over steps.

#ifndef ARCHLAB_OPTIMIZER_H_
#define ARCHLAB_OPTIMIZER_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "archlab/component.h"
#include "archlab/parallel_for.h"
#include "archlab/plugin.h"

namespace archlab {

// One tensor that is trained. All spans have the same length. Gradients are
// already averaged and clipped.
struct OptimizerTensor {
  absl::string_view path;
  Shape shape;
  bool decay;   // weight decay applies
  bool matrix;  // a linear map
  absl::Span<float> value;
  absl::Span<const float> gradient;
  absl::Span<absl::Span<float>> state;  // StateSlots() of them, zeros at first
};

// Elementwise work on all tensors in one parallel loop, which takes as long for
// many small ones as for a large one: body(tensor, begin, end) with elements
// [begin, end) of a tensor, every element once. Bodies run on several threads,
// for parts of one tensor too, and the parts depend on all the tensors: an
// element of the result may depend on that element alone.
template <class Body>
void ForAllElements(absl::Span<OptimizerTensor> tensors, const Body& body) {
  constexpr int64_t kGrain = 16384;
  int64_t elements = 0;
  for (const OptimizerTensor& t : tensors) elements += t.value.size();
  ParallelFor(elements, kGrain, [&](int64_t begin, int64_t end) {
    int64_t first = 0;  // element of the tensor, among all
    for (OptimizerTensor& t : tensors) {
      const int64_t size = t.value.size();
      const int64_t from = std::max<int64_t>(begin - first, 0);
      const int64_t to = std::min(end - first, size);
      if (from < to) body(t, from, to);
      first += size;
      if (first >= end) return;
    }
  });
}

class Optimizer : public Component {
 public:
  static constexpr char kKind[] = "optimizer";
  static constexpr int kInterfaceRevision = 1;

  // Tensors of optimizer state a parameter, and the names they are saved under.
  virtual int StateSlots() const = 0;
  virtual std::string StateName(int slot) const = 0;

  // One step; `step` counts from 1. Elementwise work goes through
  // ForAllElements, so that the result does not depend on the thread count.
  virtual void Step(int64_t step, double learning_rate,
                    absl::Span<OptimizerTensor> tensors) const = 0;
};

class Schedule : public Component {
 public:
  static constexpr char kKind[] = "schedule";
  static constexpr int kInterfaceRevision = 1;

  // Learning rate of step `step` (from 0) of `steps`.
  virtual double LearningRate(int64_t step, int64_t steps) const = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_OPTIMIZER_H_
