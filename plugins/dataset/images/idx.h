// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// IDX, the format of the MNIST database: a magic number that says the type and
// the number of dimensions, the dimensions (big-endian), the elements.

#ifndef ARCHLAB_DATASET_IMAGES_IDX_H_
#define ARCHLAB_DATASET_IMAGES_IDX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace archlab {

// Unsigned bytes with their dimensions.
struct Idx {
  std::vector<int64_t> dims;
  std::string bytes;  // row-major
};

// Reads a file, which gzip may have packed. It must have `dims` dimensions and
// hold exactly the elements that these say.
absl::StatusOr<Idx> ReadIdx(const std::string& path, int dims);

}  // namespace archlab

#endif  // ARCHLAB_DATASET_IMAGES_IDX_H_
