// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Merging of dimensions and offsets of loop nests.

#include "kernels/loop_nest.h"

#include "archlab/check.h"

namespace archlab {

std::array<int64_t, Shape::kMaxRank> BroadcastStrides(const Shape& from,
                                                      const Shape& to) {
  ARCHLAB_CHECK_LE(from.rank(), to.rank()) << from << " to " << to;
  std::array<int64_t, Shape::kMaxRank> strides = {};
  int64_t stride = 1;
  for (int d = 1; d <= from.rank(); ++d) {
    ARCHLAB_CHECK(from[-d] == to[-d] || from[-d] == 1) << from << " to " << to;
    strides[to.rank() - d] = from[-d] == 1 ? 0 : stride;
    stride *= from[-d];
  }
  return strides;
}

LoopNest::LoopNest(
    absl::Span<const int64_t> dims,
    const std::array<absl::Span<const int64_t>, kArrays>& strides) {
  ARCHLAB_CHECK_LE(dims.size(), size_t{Shape::kMaxRank});
  rank_ = 0;
  int64_t total = 1;
  for (size_t d = 0; d < dims.size(); ++d) {
    total *= dims[d];
    if (dims[d] == 1) continue;
    Offsets here = {};
    bool merges = rank_ > 0;
    for (int i = 0; i < kArrays; ++i) {
      if (strides[i].empty()) continue;
      here[i] = strides[i][d];
      if (rank_ > 0) merges &= strides_[rank_ - 1][i] == here[i] * dims[d];
    }
    if (!merges) dims_[rank_++] = 1;
    dims_[rank_ - 1] *= dims[d];
    strides_[rank_ - 1] = here;
  }
  if (rank_ == 0) {  // a scalar: one iteration of stride 1
    dims_[0] = 1;
    strides_[0].fill(1);
    rank_ = 1;
  }
  outer_ = dims_[rank_ - 1] == 0 ? 0 : total / dims_[rank_ - 1];
}

LoopNest::Offsets LoopNest::OffsetsOf(int64_t outer) const {
  Offsets offsets = {};
  for (int d = rank_ - 2; d >= 0; --d) {
    const int64_t place = outer % dims_[d];
    outer /= dims_[d];
    for (int i = 0; i < kArrays; ++i) offsets[i] += place * strides_[d][i];
  }
  return offsets;
}

}  // namespace archlab
