// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Dataset: documents, by index. A document is a text, and, for other tasks
// than language modelling, what belongs to it.

#ifndef ARCHLAB_DATASET_H_
#define ARCHLAB_DATASET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "archlab/component.h"
#include "archlab/plugin.h"

namespace archlab {

enum class Split { kTrain, kValidation };

// One document.
struct Document {
  std::string text;            // the source, UTF-8
  std::string target;          // the other half of a pair
  int64_t label = -1;          // class of a labelled sample
  std::vector<float> patches;  // an image, [T, P] row-major
};

class Dataset : public Component {
 public:
  static constexpr char kKind[] = "dataset";
  static constexpr int kInterfaceRevision = 1;

  // Documents of a part. Language modelling reads them as one stream, in order.
  virtual int64_t Size(Split split) const = 0;
  // Document `index`, 0 <= index < Size(split).
  virtual absl::StatusOr<Document> Get(Split split, int64_t index) const = 0;
  // Values P of a patch, where documents are images; 0: they are text.
  virtual int64_t PatchElements() const { return 0; }
  // Where that document comes from, for error messages: "text.txt, byte 120".
  virtual std::string Origin(Split split, int64_t index) const {
    return (split == Split::kTrain ? "training document "
                                   : "validation document ") +
           std::to_string(index);
  }
};

}  // namespace archlab

#endif  // ARCHLAB_DATASET_H_
