// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Assembly of the blocks of a spec's stack.

#ifndef ARCHLAB_ASSEMBLE_H_
#define ARCHLAB_ASSEMBLE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "archlab/model.pb.h"
#include "model/build_context.h"
#include "nn/stack.h"

namespace archlab {

// Builds the stack that the spec has at `context.spec_path()`; its parameters
// live under `context.path()`.
absl::StatusOr<std::unique_ptr<BlockStack>> AssembleStack(
    const spec::Stack& spec, double embedding_dropout,
    const ModelBuildContext& context);

}  // namespace archlab

#endif  // ARCHLAB_ASSEMBLE_H_
