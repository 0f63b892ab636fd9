// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Memory of tensors: shared, 64-byte aligned, from a caching allocator. Freed
// memory goes to a list of its size class and is handed out again, so a steady
// training step takes nothing from the system: fresh pages cost more than the
// arithmetic done on them.

#ifndef ARCHLAB_TENSOR_STORAGE_H_
#define ARCHLAB_TENSOR_STORAGE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace archlab {

// An owned piece of memory; goes back to the cache on destruction.
struct Storage {
  explicit Storage(int64_t bytes);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  void* const data;     // 64-byte aligned; never null
  const int64_t bytes;  // as asked for
};

// A thread-safe cache of freed blocks. `bytes` of Release must be what was
// asked from Take. Blocks of 64 KB and more lie in huge pages where the system
// has them. Both abort the process when memory runs out.
void* TakeMemory(int64_t bytes);
void ReleaseMemory(void* data, int64_t bytes);

// The cache for the standard library: what comes and goes with every step
// (nodes of the tape, control blocks, lists) then takes nothing from malloc.
template <class T>
struct CacheAllocator {
  using value_type = T;
  CacheAllocator() = default;
  template <class U>
  CacheAllocator(const CacheAllocator<U>& /*other*/) {}  // NOLINT: rebinding
  T* allocate(size_t n) { return static_cast<T*>(TakeMemory(n * sizeof(T))); }
  void deallocate(T* data, size_t n) { ReleaseMemory(data, n * sizeof(T)); }
  template <class U>
  bool operator==(const CacheAllocator<U>& /*other*/) const {
    return true;
  }
};
template <class T>
using CacheVector = std::vector<T, CacheAllocator<T>>;

// What the allocator did since the process started.
struct MemoryCounters {
  int64_t system_bytes = 0;   // taken from the system, in total
  int64_t system_blocks = 0;  // how often that happened
  int64_t live_bytes = 0;     // handed out now, whole size classes
  int64_t peak_bytes = 0;     // largest live_bytes since the last reset
};
MemoryCounters ReadMemoryCounters();
void ResetPeakMemory();

// Gives cached blocks back to the system, but those that share huge pages.
void TrimMemory();

// The size class of `bytes`: at most 1/8 larger, at least 64.
int64_t BucketBytes(int64_t bytes);

}  // namespace archlab

#endif  // ARCHLAB_TENSOR_STORAGE_H_
