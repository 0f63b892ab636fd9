// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// How kernels are cut for ParallelFor: chunks of about kChunkElements, whatever
// the number of threads.

#ifndef ARCHLAB_CHUNKS_H_
#define ARCHLAB_CHUNKS_H_

#include <algorithm>
#include <cstdint>

#include "archlab/parallel_for.h"

namespace archlab {

// Less is not worth waking a thread.
inline constexpr int64_t kChunkElements = 32768;

// Rows of `width` elements in a chunk.
inline int64_t RowsPerChunk(int64_t width) {
  return std::max<int64_t>(1, kChunkElements / std::max<int64_t>(1, width));
}

// body(begin, end) over elements or rows.
template <class Body>
void ForElements(int64_t n, const Body& body) {
  if (n <= kChunkElements) {
    if (n > 0) body(int64_t{0}, n);
    return;
  }
  ParallelFor(n, kChunkElements, body);
}
template <class Body>
void ForRows(int64_t rows, int64_t width, const Body& body) {
  const int64_t grain = RowsPerChunk(width);
  if (rows <= grain) {
    if (rows > 0) body(int64_t{0}, rows);
    return;
  }
  ParallelFor(rows, grain, body);
}

// The same over the rows of a weight [rows, width] that is read once, for
// results that do not depend on the borders of chunks. A small one is read
// sooner than a thread wakes. Else the chunks are long, as memory gets fast
// only after some pages, and two a thread, for a thread that comes late.
template <class Body>
void ForWeightRows(int64_t rows, int64_t width, const Body& body) {
  constexpr int64_t kSerialElements = int64_t{1} << 18;
  constexpr int64_t kMostElements = int64_t{1} << 20;
  if (rows * width <= kSerialElements) {
    if (rows > 0) body(int64_t{0}, rows);
    return;
  }
  const int64_t parts = 2 * ParallelThreads();
  const int64_t grain = std::min(kMostElements / std::max<int64_t>(1, width),
                                 (rows + parts - 1) / parts);
  ParallelFor(rows, std::max<int64_t>(1, grain), body);
}

}  // namespace archlab

#endif  // ARCHLAB_CHUNKS_H_
