// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Where the documents of text files are, and where the validation part begins.

#ifndef ARCHLAB_DATASET_TEXT_TEXT_PARTS_H_
#define ARCHLAB_DATASET_TEXT_TEXT_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace archlab {

// A document, or one side of a document that the split has cut.
struct Extent {
  std::string const* path = nullptr;  // not owned
  int64_t begin = 0;                  // bytes
  int64_t end = 0;                    // bytes, not included
  int64_t characters = 0;  // code points; bytes when the encoding is BYTES
};

struct ScanOptions {
  bool utf8 = true;       // anything else is an error
  std::string separator;  // ends a document; empty: the file is one
};

// Appends the documents of a file to `documents`; an empty file has none.
// `path` must outlive them. Errors name the path, and of bytes that are not
// UTF-8 the offset, the line and the remedy.
absl::Status ScanFile(const std::string& path, const ScanOptions& options,
                      std::vector<Extent>* documents);

// Moves the last documents to `tail`, so that floor(characters * (1 - share))
// characters stay. A document across the border is cut in two.
absl::Status SplitOff(double share, const ScanOptions& options,
                      std::vector<Extent>* documents,
                      std::vector<Extent>* tail);

}  // namespace archlab

#endif  // ARCHLAB_DATASET_TEXT_TEXT_PARTS_H_
