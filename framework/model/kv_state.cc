// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/kv_state.h"

#include <vector>

#include "archlab/ops.h"

namespace archlab {

Tensor KvState::Append(const Tensor& ids, const Tensor& segments) {
  const int64_t batch = ids.dim(0), tokens = ids.dim(1);
  Tensor positions = Tensor::Empty({batch, tokens}, DType::kI32);  // [B, T]
  for (int64_t b = 0; b < batch; ++b) {
    int32_t next = cache.real_tokens[b];
    for (int64_t t = 0; t < tokens; ++t) {
      const int64_t i = b * tokens + t;
      const int32_t segment =
          segments.defined() ? segments.data<int32_t>()[i] : 0;
      const int32_t position = segment < 0 ? 0 : next++;
      positions.data<int32_t>()[i] = position;
      cache.positions[b].push_back(position);
      cache.segments[b].push_back(segment);
      cache.plain = cache.plain && segment == 0;
    }
    cache.real_tokens[b] = next;
  }
  return positions;
}

void KvState::Gather(absl::Span<const int32_t> rows) {
  cache.Gather(rows);
  if (!memory.segments.defined()) return;
  const int64_t tokens = memory.segments.dim(1);
  std::vector<int32_t> picked;
  for (const int32_t row : rows) {
    const int32_t* from = memory.segments.data<int32_t>() + row * tokens;
    picked.insert(picked.end(), from, from + tokens);
  }
  memory.segments = Tensor::FromI32({static_cast<int64_t>(rows.size()), tokens},
                                    picked);  // [B, Tk]
}

}  // namespace archlab
