// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// GradientSum: the f32 gradients of one optimizer step, added up over its
// micro-batches. f32 whatever the compute type, so that accumulation does not
// round to bf16.

#ifndef ARCHLAB_GRADIENTS_H_
#define ARCHLAB_GRADIENTS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "nn/parameter_store.h"

namespace archlab {

class GradientSum {
 public:
  // `store` outlives this.
  explicit GradientSum(ParameterStore* store);

  void Clear();
  // Adds the store's gradients, then clears those: the first ones of a step are
  // taken over as they are, so that one set of gradients is in memory. A
  // parameter without a gradient counts as zero.
  void AddFromStore();
  // Euclidean norm over all elements, accumulated in f64 over fixed chunks:
  // the same for every number of threads. Not finite when an element is not.
  double Norm() const;
  void Scale(float factor);

  // Gradient of parameter i of the store, which is trained, [elements].
  absl::Span<const float> of(size_t i) const;
  // Path of the first parameter with an element that is not finite; empty when
  // there is none.
  std::string FirstNotFinite() const;

 private:
  ParameterStore* const store_;
  // f32, one a parameter; undefined: not trained, or nothing was added yet.
  std::vector<Tensor> sums_;
};

// Whether all elements are finite. f32, f64 or bf16.
bool AllFinite(const Tensor& tensor);

}  // namespace archlab

#endif  // ARCHLAB_GRADIENTS_H_
