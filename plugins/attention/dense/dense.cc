// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Dense attention: a query sees every key that the stack allows.
// Source: arXiv:1706.03762, section 3.2.1.

#include "archlab/attention.h"
#include "dense.pb.h"

namespace archlab {

class Dense final : public Attention {
 public:
  using Config = attention::DenseConfig;
  Dense(const Config&, const BuildContext&) {}
};

ARCHLAB_PLUGIN(Dense)

}  // namespace archlab
