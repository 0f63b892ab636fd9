// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The caching allocator: one free list a size class under one lock. A training
// step makes some thousand requests, so the lock does not matter.

#include "tensor/storage.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARCHLAB_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARCHLAB_ASAN 1
#endif
#endif

#ifdef ARCHLAB_ASAN
#include <sanitizer/asan_interface.h>
#endif
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "archlab/check.h"

namespace archlab {
namespace {

constexpr int64_t kAlignment = 64;
constexpr int64_t kHugePage = int64_t{2} << 20;

// Middle-sized blocks are cut from slabs of huge pages: the system takes longer
// to hand out small pages than they take to be written, and a block that ends
// within a huge page of its own wastes the rest of it. What is never touched of
// a slab costs nothing. Not with the sanitizer, which watches the ends of
// blocks of their own.
constexpr int64_t kSlab = 32 * kHugePage;
constexpr int64_t kLargestCut = 8 * kHugePage;
bool IsCutFromSlab([[maybe_unused]] int64_t bucket) {
#ifdef ARCHLAB_ASAN
  return false;
#else
  return bucket >= int64_t{64} << 10 && bucket < kLargestCut;
#endif
}

// Cached memory must not be read: the sanitizer is told, as free() would.
void Poison([[maybe_unused]] void* data, [[maybe_unused]] int64_t bytes) {
#ifdef ARCHLAB_ASAN
  ASAN_POISON_MEMORY_REGION(data, bytes);
#endif
}
void Unpoison([[maybe_unused]] void* data, [[maybe_unused]] int64_t bytes) {
#ifdef ARCHLAB_ASAN
  ASAN_UNPOISON_MEMORY_REGION(data, bytes);
#endif
}

class MemoryCache {
 public:
  void* Take(int64_t bytes) {
    const int64_t bucket = BucketBytes(bytes);
    const std::lock_guard<std::mutex> lock(mutex_);
    counters_.live_bytes += bucket;
    if (counters_.live_bytes > counters_.peak_bytes) {
      counters_.peak_bytes = counters_.live_bytes;
    }
    const auto fitting = BestFit(bucket);
    if (fitting == free_.end()) {
      return IsCutFromSlab(bucket) ? TakeFromSlab(bucket)
                                   : TakeFromSystem(bucket);
    }
    void* const data = fitting->second.back();
    fitting->second.pop_back();
    if (fitting->first != bucket) lent_.emplace_back(data, fitting->first);
    Unpoison(data, bytes);
    return data;
  }

  void Release(void* data, int64_t bytes) {
    const int64_t bucket = BucketBytes(bytes);
    const std::lock_guard<std::mutex> lock(mutex_);
    counters_.live_bytes -= bucket;
    const int64_t whole = bucket < kHugePage ? bucket : TakeBack(data, bucket);
    free_[whole].push_back(data);
    Poison(data, whole);
  }

  void Trim() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [bucket, list] : free_) {
      if (IsCutFromSlab(bucket)) continue;
      for (void* data : list) {
        Unpoison(data, bucket);
        std::free(data);
      }
      list.clear();
    }
  }

  MemoryCounters counters() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return counters_;
  }

  void ResetPeak() {
    const std::lock_guard<std::mutex> lock(mutex_);
    counters_.peak_bytes = counters_.live_bytes;
  }

 private:
  using Lists = std::map<int64_t, std::vector<void*>>;

  // Free blocks of the class; large ones may also be up to twice as large, so
  // that gradients go where activations were.
  Lists::iterator BestFit(int64_t bucket) {
    const int64_t most = bucket >= kHugePage ? 2 * bucket : bucket;
    auto found = free_.lower_bound(bucket);
    while (found != free_.end() && found->first <= most &&
           found->second.empty())
      ++found;
    return found != free_.end() && found->first <= most ? found : free_.end();
  }

  // The class of a block that was handed out for `bucket`.
  int64_t TakeBack(void* data, int64_t bucket) {
    const auto lent =
        std::find_if(lent_.begin(), lent_.end(),
                     [data](const auto& block) { return block.first == data; });
    if (lent == lent_.end()) return bucket;
    const int64_t whole = lent->second;
    *lent = lent_.back();
    lent_.pop_back();
    return whole;
  }

  void* TakeFromSystem(int64_t bytes) {
    const bool big = bytes >= kHugePage && bytes % kHugePage == 0;
    void* const data = std::aligned_alloc(big ? kHugePage : kAlignment, bytes);
    ARCHLAB_CHECK(data != nullptr) << "no memory for " << bytes << " bytes";
    // Without huge pages the memory works too, so the answer does not matter.
    if (big) madvise(data, bytes, MADV_HUGEPAGE);
    counters_.system_bytes += bytes;
    ++counters_.system_blocks;
    return data;
  }

  void* TakeFromSlab(int64_t bucket) {
    if (slab_left_ < bucket) {
      slab_ = static_cast<char*>(TakeFromSystem(kSlab));
      slab_left_ = kSlab;
    }
    char* const data = slab_;
    slab_ += bucket;
    slab_left_ -= bucket;
    return data;
  }

  std::mutex mutex_;
  Lists free_;  // by bucket bytes
  // Blocks that are larger than was asked, with their class: a few.
  std::vector<std::pair<void*, int64_t>> lent_;
  MemoryCounters counters_;
  char* slab_ = nullptr;  // what is left of the newest slab
  int64_t slab_left_ = 0;
};

// Never destroyed: tensors in static variables may outlive it.
MemoryCache& Cache() {
  static MemoryCache* const cache = new MemoryCache;
  return *cache;
}

}  // namespace

int64_t BucketBytes(int64_t bytes) {
  ARCHLAB_CHECK_GE(bytes, 0);
  if (bytes <= kAlignment) return kAlignment;
  // Eight classes an octave, all multiples of the alignment.
  int64_t octave = kAlignment;
  while (octave * 2 < bytes) octave *= 2;
  const int64_t step = octave / 8 > kAlignment ? octave / 8 : kAlignment;
  const int64_t bucket = (bytes + step - 1) / step * step;
  if (bucket < kLargestCut) return bucket;
  return (bucket + kHugePage - 1) / kHugePage * kHugePage;
}

Storage::Storage(int64_t bytes) : data(TakeMemory(bytes)), bytes(bytes) {}

Storage::~Storage() { ReleaseMemory(data, bytes); }

void* TakeMemory(int64_t bytes) { return Cache().Take(bytes); }
void ReleaseMemory(void* data, int64_t bytes) { Cache().Release(data, bytes); }
MemoryCounters ReadMemoryCounters() { return Cache().counters(); }
void ResetPeakMemory() { Cache().ResetPeak(); }
void TrimMemory() { Cache().Trim(); }

}  // namespace archlab
