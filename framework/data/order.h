// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Order: which document is which sample of training. Each epoch goes through
// all documents in another random order.

#ifndef ARCHLAB_ORDER_H_
#define ARCHLAB_ORDER_H_

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace archlab {

class DocumentOrder {
 public:
  // `lengths`: of the documents, at least one. With group > 0, documents of
  // like length stand side by side in groups of so many: the shuffled documents
  // are sorted by length in pools of about 2048, cut in groups, and the groups
  // are shuffled. Documents that fill no group wait for another epoch, so that
  // groups stay aligned with the samples' indices.
  DocumentOrder(std::vector<int64_t> lengths, int64_t group);

  // The document of a sample: a function of (seed, sample).
  int64_t At(uint64_t seed, int64_t sample) const;
  // Samples of an epoch.
  int64_t EpochSamples() const { return epoch_samples_; }

 private:
  std::vector<int64_t> Epoch(uint64_t seed, int64_t epoch) const;
  void Group(uint64_t seed, int64_t epoch, std::vector<int64_t>* order) const;

  const std::vector<int64_t> lengths_;
  const int64_t group_;
  int64_t epoch_samples_ = 0;

  // The orders of two epochs, because a batch may lie in both.
  struct Cached {
    uint64_t seed = 0;
    int64_t epoch = -1;
    std::vector<int64_t> order;
  };
  mutable std::mutex mutex_;
  mutable Cached cached_[2];
};

}  // namespace archlab

#endif  // ARCHLAB_ORDER_H_
