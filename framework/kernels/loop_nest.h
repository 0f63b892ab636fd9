// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Loops over several arrays at once, each with its own strides: broadcasting
// and strided copies. Dimensions that can be walked as one are merged, so that
// the innermost loop is long.

#ifndef ARCHLAB_LOOP_NEST_H_
#define ARCHLAB_LOOP_NEST_H_

#include <array>
#include <cstdint>

#include "absl/types/span.h"
#include "archlab/tensor.h"
#include "kernels/chunks.h"

namespace archlab {

// The strides, in elements, of an operand of shape `from` broadcast to `to`.
// Aborts when it does not broadcast.
std::array<int64_t, Shape::kMaxRank> BroadcastStrides(const Shape& from,
                                                      const Shape& to);

class LoopNest {
 public:
  static constexpr int kArrays = 3;
  using Offsets = std::array<int64_t, kArrays>;  // in elements

  LoopNest(absl::Span<const int64_t> dims,
           const std::array<absl::Span<const int64_t>, kArrays>& strides);

  // Strides of the innermost loop.
  const Offsets& inner_strides() const { return strides_[rank_ - 1]; }

  // Calls row(offsets, count) for pieces of the innermost loop, in parallel.
  template <class Row>
  void Run(const Row& row) const {
    const int64_t length = dims_[rank_ - 1];
    if (outer_ == 0 || length == 0) return;
    const int64_t pieces = (length - 1) / kChunkElements + 1;
    const int64_t width = std::min(length, kChunkElements);
    ForRows(outer_ * pieces, width, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; ++item) {
        const int64_t first = item % pieces * kChunkElements;
        Offsets offsets = OffsetsOf(item / pieces);
        for (int i = 0; i < kArrays; ++i) {
          offsets[i] += first * strides_[rank_ - 1][i];
        }
        row(offsets, std::min(kChunkElements, length - first));
      }
    });
  }

 private:
  Offsets OffsetsOf(int64_t outer) const;

  int rank_ = 1;
  int64_t outer_ = 1;  // iterations around the innermost loop
  std::array<int64_t, Shape::kMaxRank> dims_ = {};
  std::array<Offsets, Shape::kMaxRank> strides_ = {};  // by dimension
};

}  // namespace archlab

#endif  // ARCHLAB_LOOP_NEST_H_
