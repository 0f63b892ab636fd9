// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Bytes as printable characters and back.

#include "byte_letters.h"

#include <array>

#include "archlab/utf8.h"

namespace archlab {
namespace {

constexpr int kLetters = 0x144;  // all are below

// '!' to '~', and Latin-1 from U+00A1 on but for the soft hyphen.
bool StandsForItself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

struct Tables {
  Tables() {
    byte_of.fill(-1);
    int next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
      letter_of[byte] = StandsForItself(byte) ? byte : next++;
      byte_of[letter_of[byte]] = byte;
    }
  }
  std::array<int, 256> letter_of;
  std::array<int, kLetters> byte_of;  // -1: none
};

const Tables& GetTables() {
  static const Tables tables;
  return tables;
}

}  // namespace

std::string ToLetters(absl::string_view bytes) {
  std::string letters;
  for (const char byte : bytes)
    AppendCodePoint(GetTables().letter_of[static_cast<uint8_t>(byte)],
                    &letters);
  return letters;
}

bool FromLetters(absl::string_view letters, std::string* bytes) {
  bytes->clear();
  for (size_t i = 0; i < letters.size();) {
    const CodePoint point = DecodeCodePoint(letters, i);
    if (point.state != CodePoint::kValid || point.value >= kLetters)
      return false;
    const int byte = GetTables().byte_of[point.value];
    if (byte < 0) return false;
    bytes->push_back(static_cast<char>(byte));
    i += point.bytes;
  }
  return true;
}

}  // namespace archlab
