// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "data/order.h"

#include <algorithm>
#include <numeric>

#include "archlab/check.h"
#include "archlab/random.h"

namespace archlab {
namespace {

constexpr int64_t kPool = 2048;  // documents sorted together

// Fisher and Yates.
void Shuffle(Random random, std::vector<int64_t>* values) {
  for (size_t i = values->size(); i > 1; --i)
    std::swap((*values)[i - 1], (*values)[random.Below(i)]);
}

}  // namespace

DocumentOrder::DocumentOrder(std::vector<int64_t> lengths, int64_t group)
    : lengths_(std::move(lengths)),
      group_(std::min<int64_t>(group, static_cast<int64_t>(lengths_.size()))),
      epoch_samples_(static_cast<int64_t>(lengths_.size())) {
  ARCHLAB_CHECK(!lengths_.empty());
  if (group_ > 0) epoch_samples_ -= epoch_samples_ % group_;
}

int64_t DocumentOrder::At(uint64_t seed, int64_t sample) const {
  const int64_t epoch = sample / epoch_samples_;
  const std::lock_guard<std::mutex> lock(mutex_);
  Cached& cached = cached_[epoch % 2];
  if (cached.epoch != epoch || cached.seed != seed)
    cached = {seed, epoch, Epoch(seed, epoch)};
  return cached.order[sample % epoch_samples_];
}

std::vector<int64_t> DocumentOrder::Epoch(uint64_t seed, int64_t epoch) const {
  std::vector<int64_t> order(lengths_.size());
  std::iota(order.begin(), order.end(), 0);
  Shuffle(Random(seed, epoch, SiteHash("data.shuffle")), &order);
  order.resize(epoch_samples_);
  if (group_ > 0) Group(seed, epoch, &order);
  return order;
}

void DocumentOrder::Group(uint64_t seed, int64_t epoch,
                          std::vector<int64_t>* order) const {
  const int64_t pool = std::max(kPool / group_, int64_t{1}) * group_;
  for (int64_t begin = 0; begin < epoch_samples_; begin += pool)
    std::stable_sort(
        order->begin() + begin,
        order->begin() + std::min(begin + pool, epoch_samples_),
        [this](int64_t a, int64_t b) { return lengths_[a] < lengths_[b]; });
  std::vector<int64_t> groups(epoch_samples_ / group_);
  std::iota(groups.begin(), groups.end(), 0);
  Shuffle(Random(seed, epoch, SiteHash("data.groups")), &groups);
  std::vector<int64_t> grouped;
  grouped.reserve(order->size());
  for (const int64_t each : groups)
    grouped.insert(grouped.end(), order->begin() + each * group_,
                   order->begin() + (each + 1) * group_);
  *order = std::move(grouped);
}

}  // namespace archlab
