// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/counts.h"

namespace archlab {

void AddTotal(ModelCounts& counts) {
  CountRow total;
  total.path = "total";
  for (const CountRow& row : counts.rows) {
    total.parameters += row.parameters;
    total.flops += row.flops;
    total.flops_executed += row.flops_executed;
    total.activation_bytes += row.activation_bytes;
    total.kv_cache_bytes += row.kv_cache_bytes;
  }
  counts.total = total;
}

}  // namespace archlab
