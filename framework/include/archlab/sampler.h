// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sampler: reshapes the distribution of the next token. Samplers chain in the
// order of the spec; then the host draws from softmax(logits).

#ifndef ARCHLAB_SAMPLER_H_
#define ARCHLAB_SAMPLER_H_

#include <cstdint>

#include "absl/types/span.h"
#include "archlab/component.h"
#include "archlab/plugin.h"

namespace archlab {

class Sampler : public Component {
 public:
  static constexpr char kKind[] = "sampler";
  static constexpr int kInterfaceRevision = 1;

  // Changes logits [V] in place; -infinity removes a token. At least one token
  // must be left. `history` holds the ids so far, the prompt included. Ties are
  // broken by the smaller id.
  virtual void Apply(absl::Span<const int32_t> history,
                     absl::Span<double> logits) const = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_SAMPLER_H_
