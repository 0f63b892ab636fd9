// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Counts of a model: parameters, operations, bytes; by part.

#ifndef ARCHLAB_COUNTS_H_
#define ARCHLAB_COUNTS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace archlab {

// One part of a model. Operations are floating-point, 2 a multiply-add, of one
// forward pass over one sequence; only matrix products count, as in the
// papers.
struct CountRow {
  std::string path;       // "decoder.3.attention"
  std::string component;  // "attention/dense", or what it is
  std::string shape;      // "4 heads x 32", "128 x 65"
  int64_t parameters = 0;
  double flops = 0;           // every query against every key
  double flops_executed = 0;  // only the pairs that interact
  // What the tape keeps for the backward pass (estimated), one sequence.
  int64_t activation_bytes = 0;
  int64_t kv_cache_bytes = 0;  // of a cache that holds the sequence
};

// Whether to find out which pairs interact, which takes a second for a long
// sequence. Without, `flops_executed` is `flops`.
enum class CountPairs { kYes, kNo };

struct ModelCounts {
  int64_t tokens = 0;  // of the sequence
  // `flops_executed` is an estimate: there are so many pairs that those of a
  // sample of queries were counted.
  bool sampled = false;
  std::vector<CountRow> rows;
  CountRow total;  // path "total"
};

// Adds the rows up. A sum that int64_t cannot hold is its maximum.
void AddTotal(ModelCounts& counts);

}  // namespace archlab

#endif  // ARCHLAB_COUNTS_H_
