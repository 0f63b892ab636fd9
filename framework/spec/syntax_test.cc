// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "spec/syntax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace archlab {
namespace {

using testing::HasSubstr;

SyntaxValue Parsed(const std::string& text) {
  SpecErrors errors;
  SyntaxValue root;
  const Source source("f", text);
  EXPECT_TRUE(ParseSyntax(source, 0, &root, &errors))
      << errors.ToStatus({source});
  return root;
}

std::string ErrorOf(const std::string& text) {
  SpecErrors errors;
  SyntaxValue root;
  const Source source("f", text);
  EXPECT_FALSE(ParseSyntax(source, 0, &root, &errors)) << text;
  return std::string(errors.ToStatus({source}).message());
}

TEST(Syntax, KeepsPlaces) {
  const SyntaxValue root = Parsed("a: 1 # comment\n  b {\n\tc: -x }");
  ASSERT_EQ(root.fields.size(), 2);
  EXPECT_EQ(root.fields[0].place.offset, 0);
  EXPECT_EQ(root.fields[0].value.place.offset, 3);
  const SyntaxField& b = root.fields[1];
  EXPECT_EQ(b.place.offset, 17);
  EXPECT_EQ(b.value.place.offset, 19);
  const SyntaxField& c = b.value.fields[0];
  EXPECT_EQ(c.place.offset, 22);
  EXPECT_EQ(c.value.place.offset, 25);
  EXPECT_TRUE(c.value.negative);
}

TEST(Syntax, ReadsAllFormsOfTextFormat) {
  const SyntaxValue root = Parsed(
      "a: 0x1F, b: 1.5f; c: 'x' \"y\\n\" d < e: [1, 2] > f: [] g: [{h: 1}] "
      "i: {} j { [k/l] {} } m: [yes, no]");
  ASSERT_EQ(root.fields.size(), 9);
  EXPECT_EQ(root.fields[0].value.kind, SyntaxValue::kInteger);
  EXPECT_EQ(root.fields[1].value.kind, SyntaxValue::kFloat);
  EXPECT_EQ(root.fields[2].value.text, "xy\n");
  EXPECT_EQ(root.fields[3].value.fields[0].value.items.size(), 2);
  EXPECT_EQ(root.fields[4].value.items.size(), 0);
  EXPECT_EQ(root.fields[5].value.items[0].fields[0].name, "h");
  EXPECT_EQ(root.fields[7].value.Component()->name, "k/l");
  EXPECT_EQ(root.fields[8].value.items[1].text, "no");
}

TEST(Syntax, EmptyTextIsAnEmptyMessage) {
  EXPECT_EQ(Parsed("").fields.size(), 0);
  EXPECT_EQ(Parsed("# only this").fields.size(), 0);
}

TEST(Syntax, NestingIsLimited) {
  std::string open, close;
  for (int i = 0; i < kMaxDepth; ++i) open += "a {", close += "}";
  Parsed(open + close);
  EXPECT_THAT(ErrorOf(open + "a {}" + close), HasSubstr("nested deeper"));
  EXPECT_THAT(ErrorOf(std::string(1 << 20, '{')), HasSubstr("the name"));
  std::string lists = "a: ";
  for (int i = 0; i < 100000; ++i) lists += "[";
  EXPECT_THAT(ErrorOf(lists), HasSubstr("nested deeper"));
}

// A place is found in time linear in the text: this takes seconds otherwise.
TEST(Syntax, OneLongLine) {
  std::string text;
  for (int i = 0; i < 300000; ++i) text += "a:1 ";
  EXPECT_EQ(Parsed(text).fields.back().place.offset, text.size() - 4);
}

TEST(Source, PlacesCountCharacters) {
  const Source source("f", "ab\n\tä宽c\r\n");
  EXPECT_EQ(source.Where(0), "f:1:1");
  EXPECT_EQ(source.Where(source.text().find('c')), "f:2:4");
  EXPECT_EQ(source.Excerpt(source.text().find('c')), "  \tä宽c\n  \t  ^\n");
  EXPECT_EQ(source.Where(source.text().size()), "f:3:1");
}

TEST(Source, ExcerptOfLongLineShowsThePlace) {
  for (const size_t at : {0, 1, 59, 60, 61, 5000, 9990, 9999}) {
    std::string text(10000, '-');
    text[at] = 'X';
    const std::string excerpt = Source("f", text).Excerpt(at);
    const size_t newline = excerpt.find('\n');
    EXPECT_LT(newline, 140);
    EXPECT_EQ(excerpt.find('X') + newline + 1, excerpt.find('^')) << excerpt;
  }
}

TEST(Source, TabsAreFoundAsTheTokenizerCountsThem) {
  const Source source("f", "a\n\tb \tc");
  Source::Hint hint;
  EXPECT_EQ(source.OffsetOf(1, 8, &hint), 3);
  EXPECT_EQ(source.OffsetOf(1, 16, &hint), 6);
  EXPECT_EQ(source.OffsetOf(1, 8, &hint), 3);  // and back
  EXPECT_EQ(source.OffsetOf(1, 99, &hint), source.text().size());
  EXPECT_EQ(source.OffsetOf(7, 0, &hint), source.text().size());
}

TEST(SpecErrors, AreSortedAndLimited) {
  const std::vector<Source> sources = {Source("f", "a\nb\nc"),
                                       Source("--set #1", "x = 1")};
  SpecErrors errors;
  EXPECT_TRUE(errors.ToStatus(sources).ok());
  errors.Add({1, 0}, "", "four");
  errors.Add({0, 4}, "p", "three");
  errors.Add({0, 0}, "", "one");
  errors.Add({0, 4}, "p", "three");  // once is enough
  EXPECT_EQ(errors.ToStatus(sources).message(),
            "f:1:1: one\n  a\n  ^\nf:3:1: p: three\n  c\n  ^\n"
            "--set #1:1:1: four\n  x = 1\n  ^");
  for (int i = 0; i < 1000; ++i) errors.Add({0, 0}, "", absl::StrCat(i));
  EXPECT_TRUE(errors.full());
  EXPECT_THAT(std::string(errors.ToStatus(sources).message()),
              HasSubstr("may be more"));
}

}  // namespace
}  // namespace archlab
