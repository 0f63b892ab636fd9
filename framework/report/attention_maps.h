// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The attention weights of a model while it reads one text.

#ifndef ARCHLAB_ATTENTION_MAPS_H_
#define ARCHLAB_ATTENTION_MAPS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/model.h"

namespace archlab {

// The weights of one layer.
struct LayerMaps {
  std::string path;  // "decoder.3.attention"
  Tensor weights;    // f32 [H, Tq, Tk]
};

// Layers that relate the same two sequences.
struct AttentionView {
  // "all" of a model of one stack; else "encoder", "decoder" and "cross".
  std::string name;
  std::vector<int32_t> queries, keys;  // ids
  std::vector<LayerMaps> layers;
};

struct AttentionMaps {
  std::vector<AttentionView> views;  // with at least one layer each
  std::vector<std::string> without;  // paths of layers that have no weights
};

// The most weights that are kept at once; a page with them has about 90 MB.
inline constexpr int64_t kMostWeights = int64_t{1} << 26;

// Reads one row of a batch. InvalidArgument where no layer has weights, or
// where there would be more than kMostWeights of them.
absl::StatusOr<AttentionMaps> ReadAttentionMaps(Model& model,
                                                const Batch& batch);

}  // namespace archlab

#endif  // ARCHLAB_ATTENTION_MAPS_H_
