// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The kinds of components, with the revisions of their C++ interfaces that
// this host accepts.

#ifndef ARCHLAB_KINDS_H_
#define ARCHLAB_KINDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "archlab/attention.h"
#include "archlab/dataset.h"
#include "archlab/feed_forward.h"
#include "archlab/mixer.h"
#include "archlab/norm.h"
#include "archlab/objective.h"
#include "archlab/optimizer.h"
#include "archlab/position.h"
#include "archlab/router.h"
#include "archlab/sampler.h"
#include "archlab/tokenizer.h"

namespace archlab {

struct KindInfo {
  const char* name;
  int oldest_revision;  // of plugins that still work
  int revision;         // of the headers
};

inline constexpr KindInfo kKinds[] = {
    {Attention::kKind, 1, Attention::kInterfaceRevision},
    {Dataset::kKind, 1, Dataset::kInterfaceRevision},
    {FeedForward::kKind, 1, FeedForward::kInterfaceRevision},
    {Mixer::kKind, 1, Mixer::kInterfaceRevision},
    {Norm::kKind, 1, Norm::kInterfaceRevision},
    {Objective::kKind, 1, Objective::kInterfaceRevision},
    {Optimizer::kKind, 1, Optimizer::kInterfaceRevision},
    {Position::kKind, 1, Position::kInterfaceRevision},
    {Router::kKind, 1, Router::kInterfaceRevision},
    {Sampler::kKind, 1, Sampler::kInterfaceRevision},
    {Schedule::kKind, 1, Schedule::kInterfaceRevision},
    {Tokenizer::kKind, 1, Tokenizer::kInterfaceRevision},
};

// The kind of this name, or nullptr.
inline const KindInfo* FindKind(absl::string_view name) {
  for (const KindInfo& kind : kKinds)
    if (name == kind.name) return &kind;
  return nullptr;
}

inline std::vector<std::string> KindNames() {
  std::vector<std::string> names;
  for (const KindInfo& kind : kKinds) names.push_back(kind.name);
  return names;
}

}  // namespace archlab

#endif  // ARCHLAB_KINDS_H_
