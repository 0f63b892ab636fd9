// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The inner function of SHA-256 (FIPS 180-4, section 6.2.2).

#ifndef ARCHLAB_SHA256_BLOCKS_H_
#define ARCHLAB_SHA256_BLOCKS_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace archlab {

using Sha256State = std::array<uint32_t, 8>;

// Takes `count` blocks of 64 bytes into the state; on x86 with the processor's
// SHA instructions, where it has them: a run hashes its data before it starts.
void Sha256Blocks(const uint8_t* data, size_t count, Sha256State* state);

// The same on any processor.
void Sha256BlocksPortable(const uint8_t* data, size_t count,
                          Sha256State* state);

}  // namespace archlab

#endif  // ARCHLAB_SHA256_BLOCKS_H_
