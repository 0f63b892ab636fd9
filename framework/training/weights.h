// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Weights of a model to and from a tensor file: the f32 masters under their
// paths ("decoder.3.attention.q.weight"), then the buffers.

#ifndef ARCHLAB_WEIGHTS_H_
#define ARCHLAB_WEIGHTS_H_

#include <string>

#include "absl/status/status.h"
#include "nn/parameter_store.h"
#include "training/safetensors.h"

namespace archlab {

// Shares the storage of the masters: write it before the next step.
TensorFile ModelTensors(const ParameterStore& store);

// Copies the tensors into the store and refreshes the compute copies. Every
// tensor of the store must be in the file with its type and shape, and no
// other; on an error, which names the tensor, the store is as before.
// `source` is the name that errors show.
absl::Status LoadModelTensors(const TensorFile& file, const std::string& source,
                              ParameterStore* store);

// Copies the tensors of `file` into `targets`, which name what is expected.
// All are compared before the first is copied.
absl::Status CopyTensors(const TensorFile& file, const std::string& source,
                         const TensorFile& targets);

}  // namespace archlab

#endif  // ARCHLAB_WEIGHTS_H_
