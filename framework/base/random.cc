// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Philox4x32-10, after "Parallel random numbers: as easy as 1, 2, 3" (Salmon et
// al., SC 2011). The seed is the key; site and step are mixed into the counter
// with the block index.

#include "archlab/random.h"

#include <cmath>

#include "archlab/check.h"

namespace archlab {
namespace {

constexpr int kRounds = 10;
constexpr uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;

// The finaliser of MurmurHash3: every input bit reaches every output bit.
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCDull;
  x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53ull;
  return x ^ (x >> 33);
}

// In [0, 1), 53 bits.
double ToUniform(uint64_t bits) { return double(bits >> 11) * 0x1p-53; }

}  // namespace

std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter,
                               std::array<uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t a = kMultiplier0 * counter[0];
    const uint64_t b = kMultiplier1 * counter[2];
    counter = {uint32_t(b >> 32) ^ counter[1] ^ key[0], uint32_t(b),
               uint32_t(a >> 32) ^ counter[3] ^ key[1], uint32_t(a)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

uint64_t SiteHash(absl::string_view name) {
  uint64_t hash = 0xCBF29CE484222325ull;
  for (const char c : name) hash = (hash ^ uint8_t(c)) * 0x100000001B3ull;
  return hash;
}

Random::Random(uint64_t seed, uint64_t step, uint64_t site)
    : seed_(seed), step_(step), site_(site) {}

uint64_t Random::place() const {
  // Two sites of one step differ; the same site at two steps differs too, as
  // Mix is a bijection of step for a given site.
  return Mix(step_ ^ Mix(site_));
}

std::array<uint32_t, 4> Random::Block(uint64_t index) const {
  const uint64_t upper = place();
  return Philox({uint32_t(index), uint32_t(index >> 32), uint32_t(upper),
                 uint32_t(upper >> 32)},
                {uint32_t(seed_), uint32_t(seed_ >> 32)});
}

uint32_t Random::NextU32() {
  const uint64_t word = index_++;
  return Block(word / 4)[word % 4];
}

uint64_t Random::NextU64() {
  if (const uint64_t word = index_ % 4; word < 3) {  // both in one block
    const std::array<uint32_t, 4> block = Block(index_ / 4);
    index_ += 2;
    return block[word] | uint64_t(block[word + 1]) << 32;
  }
  const uint64_t low = NextU32();
  return low | uint64_t(NextU32()) << 32;
}

double Random::Uniform() { return ToUniform(NextU64()); }

uint64_t Random::Below(uint64_t n) {
  ARCHLAB_CHECK_GT(n, 0u);
  // Draws from the incomplete last copy of [0, n) are thrown away.
  const uint64_t excess = (0 - n) % n;  // 2^64 mod n
  while (true) {
    const uint64_t draw = NextU64();
    if (draw >= excess) return draw % n;
  }
}

double Random::Normal() {
  constexpr double kTwoPi = 6.283185307179586;
  double first = 0, second = 0;
  if (index_ % 4 == 0) {  // all words in one block
    const std::array<uint32_t, 4> block = Block(index_ / 4);
    index_ += 4;
    first = ToUniform(block[0] | uint64_t(block[1]) << 32);
    second = ToUniform(block[2] | uint64_t(block[3]) << 32);
  } else {
    first = Uniform();
    second = Uniform();
  }
  return std::sqrt(-2 * std::log1p(-first)) * std::cos(kTwoPi * second);
}

Random Random::Skip(uint64_t words) const {
  Random further = *this;
  further.index_ += words;
  return further;
}

Random Random::Split(uint64_t sub_site) const {
  return Random(seed_, step_, Mix(site_ + 0x9E3779B97F4A7C15ull) ^ sub_site);
}

}  // namespace archlab
