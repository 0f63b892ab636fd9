// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011). A
// number is a pure function of (seed, step, site, element), so the same
// whatever the thread count, the batch split or the order of calls.

#ifndef ARCHLAB_RANDOM_H_
#define ARCHLAB_RANDOM_H_

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace archlab {

// One Philox block: four 32-bit words from a 128-bit counter and a 64-bit key.
std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter,
                               std::array<uint32_t, 2> key);

// A stable 64-bit hash of a name (FNV-1a), to make a site from a path.
uint64_t SiteHash(absl::string_view name);

// A stream of numbers. Copies are independent streams from the same place.
class Random {
 public:
  // `site` says what the numbers are for (SiteHash of a path); `step` is the
  // training step or sample index.
  Random(uint64_t seed, uint64_t step, uint64_t site);

  // The four words of block `index`; does not move the stream.
  std::array<uint32_t, 4> Block(uint64_t index) const;

  // The next number of the stream.
  uint32_t NextU32();
  uint64_t NextU64();
  // In [0, 1), 53 bits.
  double Uniform();
  // In [0, n), without bias. n > 0.
  uint64_t Below(uint64_t n);
  // Standard normal (Box-Muller).
  double Normal();

  // Words drawn so far, and a copy of the stream `words` further on. What works
  // elementwise gives element i word position() + i.
  uint64_t position() const { return index_; }
  Random Skip(uint64_t words) const;

  // The Philox key of every block, and the upper half of its counter (the lower
  // is the block's index): for who computes many blocks at once.
  uint64_t key() const { return seed_; }
  uint64_t place() const;

  // An own stream for a part: another site, the same seed and step.
  Random Split(uint64_t sub_site) const;

 private:
  uint64_t seed_, step_, site_;
  uint64_t index_ = 0;  // of the next word
};

}  // namespace archlab

#endif  // ARCHLAB_RANDOM_H_
