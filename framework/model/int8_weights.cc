// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Which weights are read in 8 bits: linear maps and tables of tokens, by their
// role. A table of positions is neither, whatever its size.

#include "absl/strings/match.h"
#include "model/model.h"

namespace archlab {
namespace {

bool IsTokenTable(const ParameterData& parameter) {
  return parameter.path == "head.weight" ||
         absl::EndsWith(parameter.path, "embedding.weight");
}

}  // namespace

void Model::UseInt8Weights() {
  for (const auto& parameter : store_->parameters()) {
    if (parameter->shape.rank() != 2) continue;
    if (parameter->traits.matrix || IsTokenTable(*parameter))
      store_->RoundToInt8(parameter.get());
  }
}

}  // namespace archlab
