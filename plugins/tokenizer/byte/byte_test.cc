// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Bytes as tokens.

#include <string>
#include <vector>

#include "archlab/random.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("tokenizer/byte", "");

TEST(ByteTokenizerTest, TheIdIsTheByte) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/byte");
  EXPECT_EQ(tokenizer->VocabularySize(), 256);
  std::vector<int32_t> ids = {7};
  ASSERT_TRUE(tokenizer->Encode(absl::string_view("A\0\xFF", 3), &ids).ok());
  EXPECT_EQ(ids, (std::vector<int32_t>{7, 65, 0, 255}));
  EXPECT_EQ(tokenizer->Bytes(255), "\xFF");
  EXPECT_EQ(tokenizer->Bytes(256), "");
  EXPECT_EQ(tokenizer->Bytes(-1), "");
}

TEST(ByteTokenizerTest, AnyBytesGoRoundTrip) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/byte");
  Random random(1, 0, 0);
  for (int round = 0; round < 100; ++round) {
    std::string text(random.Below(300), '\0');
    for (char& c : text) c = static_cast<char>(random.NextU32());
    std::vector<int32_t> ids;
    ASSERT_TRUE(tokenizer->Encode(text, &ids).ok());
    std::string back;
    for (const int32_t id : ids) back += tokenizer->Bytes(id);
    EXPECT_EQ(back, text);
  }
}

TEST(ByteTokenizerTest, RefusesTheFilesOfAnotherTokenizer) {
  const UnderTest<Tokenizer> tokenizer("tokenizer/byte");
  EXPECT_TRUE(tokenizer->Load({}).ok());
  EXPECT_EQ(tokenizer->Load({{"vocab.json", "{}"}}).message(),
            "the byte tokenizer has no files, but there is 'vocab.json': these "
            "are the files of another tokenizer; name that one in "
            "data.tokenizer");
}

}  // namespace
}  // namespace archlab
