// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// ParameterStore: the f32 masters of all trained tensors, their gradients, and
// the compute-dtype copies that the forward pass reads.

#ifndef ARCHLAB_PARAMETER_STORE_H_
#define ARCHLAB_PARAMETER_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "archlab/component.h"
#include "archlab/tensor.h"

namespace archlab {

// One parameter. Components hold a Parameter, which points here.
struct ParameterData {
  std::string path;  // "decoder.3.attention.q.weight"
  Shape shape;
  ParameterTraits traits;
  Tensor master;   // f32 (f64 in tests)
  Tensor compute;  // what Parameter::value() returns; the master in f32
  bool trained = true;
  // Low-rank adaptation: the value is master + scale lora_b lora_a. Null: none.
  ParameterData* lora_a = nullptr;  // [r, in]
  ParameterData* lora_b = nullptr;  // [out, r]
  double lora_scale = 0;
};

class ParameterStore {
 public:
  // Whether the tensors exist, or only their shapes (to count a model that is
  // too large to build).
  enum class Storage { kValues, kShapesOnly };

  // `compute`: f32, bf16 (f32 masters), or f64 (masters too, tests only).
  ParameterStore(DType compute, uint64_t seed,
                 Storage storage = Storage::kValues);

  // The initial value depends on (seed, path) only. Paths are unique.
  Parameter Add(const std::string& path, const Shape& shape, Init init,
                ParameterTraits traits);
  Tensor AddBuffer(const std::string& path, const Shape& shape);

  DType compute_dtype() const { return compute_; }
  const std::vector<std::unique_ptr<ParameterData>>& parameters() const {
    return parameters_;
  }
  struct Buffer {
    std::string path;
    Tensor value;  // f32
  };
  const std::vector<Buffer>& buffers() const { return buffers_; }
  int64_t Count() const { return CountUnder(""); }     // elements
  int64_t CountUnder(absl::string_view prefix) const;  // of such paths
  ParameterData* Find(absl::string_view path) const;   // or nullptr

  // Adapts a matrix [out, in] (arXiv:2106.09685, section 4.1): it is frozen,
  // and what is trained are `path.lora_a` [rank, in], random, and `path.lora_b`
  // [out, rank], zero.
  void AdaptLowRank(ParameterData* matrix, int64_t rank, double scale);
  // The f32 value that is computed with: the master, low-rank part included.
  Tensor Merged(const ParameterData& parameter) const;

  // Makes the compute copies of trained parameters leaves that collect
  // gradients, or not. With low-rank parts, once for each backward pass.
  void RequireGradients(bool on);
  // Gradient of a parameter (in the compute dtype or f32), undefined if none.
  Tensor Gradient(const ParameterData& parameter) const;
  void ClearGradients();
  // From now on the parameter's values are rounded to 8 bits, a scale for each
  // row, and products of a few rows read those. For a model that only computes:
  // the master is dropped, and the parameter is not trained.
  void RoundToInt8(ParameterData* matrix) const;
  // Refreshes the compute copies after the masters changed.
  void Refresh();

 private:
  static void RefreshOne(ParameterData& parameter);
  // The value of an adapted matrix, on the tape where its parts are.
  static void Compose(ParameterData& matrix);

  const DType compute_;
  const uint64_t seed_;
  const Storage storage_;
  std::vector<std::unique_ptr<ParameterData>> parameters_;
  std::map<absl::string_view, ParameterData*> by_path_;
  std::vector<Buffer> buffers_;
};

}  // namespace archlab

#endif  // ARCHLAB_PARAMETER_STORE_H_
