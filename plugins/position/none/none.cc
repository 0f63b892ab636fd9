// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// No order: neither embeddings, nor q and k, nor scores are touched.
// Source: arXiv:2203.16634 (what a causal stack does without positions).

#include "archlab/position.h"
#include "none.pb.h"

namespace archlab {

class NoPosition final : public Position {
 public:
  using Config = position::NoneConfig;
  NoPosition(const Config&, const BuildContext&) {}
};

ARCHLAB_PLUGIN(NoPosition)

}  // namespace archlab
