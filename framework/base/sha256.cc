// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// SHA-256; see sha256.h.

#include "base/sha256.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/escaping.h"

namespace archlab {
Sha256::Sha256()
    : state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19} {}

void Sha256::Update(absl::string_view bytes) {
  total_bytes_ += bytes.size();
  while (!bytes.empty()) {
    if (pending_bytes_ == 0 && bytes.size() >= 64) {
      const size_t blocks = bytes.size() / 64;
      Sha256Blocks(reinterpret_cast<const uint8_t*>(bytes.data()), blocks,
                   &state_);
      bytes.remove_prefix(64 * blocks);
      continue;
    }
    const size_t take = std::min(64 - pending_bytes_, bytes.size());
    std::memcpy(pending_.data() + pending_bytes_, bytes.data(), take);
    bytes.remove_prefix(take);
    pending_bytes_ += take;
    if (pending_bytes_ == 64) {
      Sha256Blocks(pending_.data(), 1, &state_);
      pending_bytes_ = 0;
    }
  }
}

std::string Sha256::HexDigest() {
  const uint64_t bits = total_bytes_ * 8;
  Update(absl::string_view("\x80", 1));
  while (pending_bytes_ != 56) Update(absl::string_view("\0", 1));
  std::string length;
  for (int shift = 56; shift >= 0; shift -= 8)
    length.push_back(static_cast<char>(bits >> shift));
  Update(length);
  std::string digest;
  for (uint32_t word : state_)
    for (int shift = 24; shift >= 0; shift -= 8)
      digest.push_back(static_cast<char>(word >> shift));
  return absl::BytesToHexString(digest);
}

std::string Sha256Hex(absl::string_view bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.HexDigest();
}

}  // namespace archlab
