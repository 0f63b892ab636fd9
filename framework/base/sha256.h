// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// SHA-256 (FIPS 180-4, section 6.2), for identities of specs, data and code.

#ifndef ARCHLAB_SHA256_H_
#define ARCHLAB_SHA256_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/sha256_blocks.h"

namespace archlab {

// Hashes a message that comes in parts.
class Sha256 {
 public:
  Sha256();
  void Update(absl::string_view bytes);
  void Update(const void* data, size_t size) {
    Update(absl::string_view(static_cast<const char*>(data), size));
  }
  // The digest as 64 hexadecimal digits. Ends the message: no Update after.
  std::string HexDigest();

 private:
  Sha256State state_;
  std::array<uint8_t, 64> pending_ = {};
  size_t pending_bytes_ = 0;
  uint64_t total_bytes_ = 0;
};

std::string Sha256Hex(absl::string_view bytes);

}  // namespace archlab

#endif  // ARCHLAB_SHA256_H_
