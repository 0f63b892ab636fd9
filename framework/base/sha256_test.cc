// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "base/sha256.h"

#include <gtest/gtest.h>

#include <vector>

namespace archlab {
namespace {

// The three messages of the standard's examples, and the empty one.
TEST(Sha256Test, MatchesTheStandard) {
  EXPECT_EQ(Sha256Hex(""),
            "e3b0c44298fc1c149afbf4c8996fb924"
            "27ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223"
            "b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
      "248d6a61d20638b8e5c026930c3e6039"
      "a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256Hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67"
            "f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, PartsMakeNoDifference) {
  std::string text;
  for (int i = 0; i < 300; ++i) text.push_back(static_cast<char>(i * 7));
  for (size_t part : {1, 3, 55, 56, 63, 64, 65, 128, 299}) {
    Sha256 hash;
    for (size_t i = 0; i < text.size(); i += part)
      hash.Update(absl::string_view(text).substr(i, part));
    EXPECT_EQ(hash.HexDigest(), Sha256Hex(text)) << part;
  }
}

TEST(Sha256Test, ThePortableBlocksAreTheSame) {
  std::vector<uint8_t> data(64 * 9 + 1);
  for (size_t i = 0; i < data.size(); ++i)
    data[i] = static_cast<uint8_t>(i * i * 31 + i / 64);
  for (size_t offset : {0, 1}) {
    for (size_t count : {0, 1, 2, 9}) {
      Sha256State fast = {1, 2, 3, 4, 0xFFFFFFFF, 6, 7, 8}, portable = fast;
      Sha256Blocks(data.data() + offset, count, &fast);
      Sha256BlocksPortable(data.data() + offset, count, &portable);
      EXPECT_EQ(fast, portable) << count << " blocks";
      EXPECT_EQ(fast[0] == 1, count == 0);
    }
  }
}

}  // namespace
}  // namespace archlab
