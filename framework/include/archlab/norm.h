// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Norm: rescales each vector of the last axis.

#ifndef ARCHLAB_NORM_H_
#define ARCHLAB_NORM_H_

#include "archlab/component.h"
#include "archlab/ops.h"
#include "archlab/plugin.h"

namespace archlab {

class Norm : public Component {
 public:
  static constexpr char kKind[] = "norm";
  static constexpr int kInterfaceRevision = 1;

  // x [..., N] -> [..., N], same dtype. N is context.at().width when the
  // component was built (the head dimension for a q/k norm).
  virtual Tensor Forward(const Tensor& x) const = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_NORM_H_
