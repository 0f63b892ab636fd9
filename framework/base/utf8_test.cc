// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// UTF-8: every code point, the forbidden forms, and streams cut anywhere.

#include "base/utf8.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace archlab {
namespace {

TEST(Utf8Test, EveryCodePointGoesRoundTrip) {
  for (char32_t value = 0; value <= 0x10FFFF; ++value) {
    if (value >= 0xD800 && value <= 0xDFFF) continue;
    std::string text;
    AppendCodePoint(value, &text);
    const CodePoint point = DecodeCodePoint(text, 0);
    ASSERT_EQ(point.state, CodePoint::kValid) << std::hex << uint32_t{value};
    ASSERT_EQ(point.value, value);
    ASSERT_EQ(static_cast<size_t>(point.bytes), text.size());
  }
}

TEST(Utf8Test, KnownForms) {
  std::string text;
  for (const char32_t value : {0x41, 0xE9, 0x20AC, 0x1D11E})
    AppendCodePoint(value, &text);
  EXPECT_EQ(text, "A\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E");
  EXPECT_EQ(CountCodePoints(text), 4);
  std::string replaced;
  AppendCodePoint(0xD800, &replaced);
  AppendCodePoint(0x110000, &replaced);
  EXPECT_EQ(replaced, "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Utf8Test, ForbiddenForms) {
  const std::vector<std::string> invalid = {
      "\x80",              // begins with a following byte
      "\xC0\x80",          // overlong U+0000
      "\xC1\xBF",          // overlong U+007F
      "\xE0\x9F\xBF",      // overlong U+07FF
      "\xF0\x8F\xBF\xBF",  // overlong U+FFFF
      "\xED\xA0\x80",      // surrogate U+D800
      "\xF4\x90\x80\x80",  // U+110000
      "\xF5\x80\x80\x80",  // no such first byte
      "\xFF",
      "\xC3(",  // a following byte is missing
  };
  for (const std::string& bytes : invalid) {
    EXPECT_EQ(FindInvalidUtf8("ab" + bytes + "cd"), 2);
    EXPECT_EQ(DecodeCodePoint(bytes, 0).state, CodePoint::kInvalid);
  }
  EXPECT_EQ(FindInvalidUtf8("ab\xE2\x82"), 2);
  EXPECT_EQ(DecodeCodePoint("\xE2\x82", 0).state, CodePoint::kTruncated);
  EXPECT_EQ(DecodeCodePoint("\xE2\x82", 0).bytes, 2);
  EXPECT_EQ(FindInvalidUtf8(""), -1);
  EXPECT_EQ(FindInvalidUtf8(std::string("a\0b", 3)), -1);
  EXPECT_EQ(CountCodePoints("a\xFF\xE2\x82"), 4);
}

TEST(Utf8Test, AsciiAroundHidesNothing) {
  for (size_t before = 0; before < 20; ++before) {
    for (size_t after = 0; after < 20; ++after) {
      const std::string a(before, 'a'), z(after, '\x7F');
      const auto ascii = static_cast<int64_t>(before + after);
      EXPECT_EQ(CountCodePoints(a + z), ascii);
      EXPECT_EQ(CountCodePoints(a + "\xE2\x82\xAC" + z), ascii + 1);
      EXPECT_EQ(CountCodePoints(a + "\x80\x80" + z), ascii + 2);
      EXPECT_EQ(FindInvalidUtf8(a + z), -1);
      EXPECT_EQ(FindInvalidUtf8(a + "\xE2\x82\xAC" + z), -1);
      EXPECT_EQ(FindInvalidUtf8(a + "\x80" + z), before);
      EXPECT_EQ(FindInvalidUtf8(a + z + "\xC3"), ascii);
    }
  }
}

TEST(Utf8Test, PlacesAreForReaders) {
  const std::string text = "one\ntw\xC3\xA9!\n";
  EXPECT_EQ(DescribePlace(text, 0), "line 1, column 1");
  EXPECT_EQ(DescribePlace(text, 3), "line 1, column 4");
  EXPECT_EQ(DescribePlace(text, 8), "line 2, column 4");
  EXPECT_EQ(DescribePlace(text, text.size()), "line 3, column 1");
}

TEST(Utf8StreamTest, OnlyWholeCharactersComeOut) {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9Ez";
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    Utf8Stream stream;
    std::string all;
    for (size_t i = 0; i < text.size(); i += piece) {
      const std::string some =
          stream.Add(absl::string_view(text).substr(i, piece));
      EXPECT_EQ(FindInvalidUtf8(some), -1);
      all += some;
    }
    EXPECT_EQ(all, text);
    EXPECT_EQ(stream.Finish(), "");
  }
}

TEST(Utf8StreamTest, InvalidBytesAreReplaced) {
  Utf8Stream stream;
  EXPECT_EQ(stream.Add("\xFF"), "\xEF\xBF\xBD");
  EXPECT_EQ(stream.Add("\xE2\x82"), "");
  EXPECT_EQ(stream.Add("x"), "\xEF\xBF\xBD\xEF\xBF\xBDx");
  EXPECT_EQ(stream.Add("\xE2\x82"), "");
  EXPECT_EQ(stream.Finish(), "\xEF\xBF\xBD");
  EXPECT_EQ(stream.Finish(), "");
}

}  // namespace
}  // namespace archlab
