// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Floor: the matrix products of a step alone, each as the best single oneDNN
// call for its shape on all threads: dnnl_sgemm (f32), the matmul primitive
// with plain operands, the matmul primitive with the second operand in the
// layout that it likes best (made beforehand, not timed). Of attention the
// products of all heads are one batched primitive, or one dnnl_sgemm a head
// spread over the threads.

#ifndef ARCHLAB_FLOOR_H_
#define ARCHLAB_FLOOR_H_

#include <functional>
#include <string>
#include <vector>

#include "archlab/tensor.h"
#include "products.h"

namespace archlab {

class Floor {
 public:
  // A product and its fastest call.
  struct Entry {
    Product product;
    std::string call;    // such as "sgemm"
    double seconds = 0;  // of one run, when it was chosen
    std::function<void()> run;
  };

  // kF32 or kBF16. Tries every call some times.
  Floor(const std::vector<Product>& products, DType dtype);

  // All products of a step.
  void Run() const;
  double flops() const;
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace archlab

#endif  // ARCHLAB_FLOOR_H_
