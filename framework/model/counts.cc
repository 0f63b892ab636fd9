// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/counts.h"

#include <limits>

namespace archlab {
namespace {

void Add(int64_t* sum, int64_t value) {
  if (__builtin_add_overflow(*sum, value, sum))
    *sum = std::numeric_limits<int64_t>::max();
}

}  // namespace

void AddTotal(ModelCounts& counts) {
  CountRow total;
  total.path = "total";
  for (const CountRow& row : counts.rows) {
    Add(&total.parameters, row.parameters);
    total.flops += row.flops;
    total.flops_executed += row.flops_executed;
    Add(&total.activation_bytes, row.activation_bytes);
    Add(&total.kv_cache_bytes, row.kv_cache_bytes);
  }
  counts.total = total;
}

}  // namespace archlab
