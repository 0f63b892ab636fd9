// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// safetensors files: named tensors and a little text about them.
//
// The format: 8 bytes N (little endian), N bytes of JSON, the data. The JSON
// maps each name to {"dtype", "shape", "data_offsets": [begin, end]}, offsets
// counted from the end of the JSON, and "__metadata__" to a map of strings.
// Source: https://github.com/huggingface/safetensors, README.

#ifndef ARCHLAB_SAFETENSORS_H_
#define ARCHLAB_SAFETENSORS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archlab/tensor.h"

namespace archlab {

struct NamedTensor {
  std::string name;
  Tensor value;
};

struct TensorFile {
  std::vector<NamedTensor> tensors;             // in the order of their data
  std::map<std::string, std::string> metadata;  // UTF-8

  // The tensor of this name, or nullptr.
  const Tensor* Find(absl::string_view name) const;
};

// Writes a new durable file (training/durable.h); an existing one is an error.
// Equal tensors give equal bytes. Names are unique and not "__metadata__".
// Returns the SHA-256 of the file.
absl::StatusOr<std::string> WriteSafetensors(const std::string& path,
                                             const TensorFile& content);

// Reads a file that anyone may have made: sizes and offsets are checked before
// memory is taken, offsets must tile the data without gaps or overlaps. Types
// F64, F32, BF16 and I32. Errors name the file, the tensor and the reason.
// Where `sha256` is not null it gets the SHA-256 of the file.
absl::StatusOr<TensorFile> ReadSafetensors(const std::string& path,
                                           std::string* sha256 = nullptr);

}  // namespace archlab

#endif  // ARCHLAB_SAFETENSORS_H_
