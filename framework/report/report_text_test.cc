// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "report/text.h"

namespace archlab::report {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(CleanText, ReplacesWhatIsNoText) {
  EXPECT_EQ(CleanText("a\tb\nc \u00e9"), "a\tb\nc \u00e9");
  EXPECT_EQ(CleanText("a\xff\xfe"
                      "b"),
            "a\ufffd\ufffdb");
  EXPECT_EQ(CleanText(std::string("a\0b\x1b[31m\r", 9)),
            "a\ufffdb\ufffd[31m\ufffd");
  EXPECT_EQ(CleanText("user\u202egnp"), "user\ufffdgnp");  // right to left
  EXPECT_EQ(CleanText("\xe2\x82"), "\ufffd");              // cut short
}

TEST(EscapeHtml, EscapesForTextAndAttributes) {
  EXPECT_EQ(EscapeHtml("<a b=\"c\" d='e'>&amp;"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;");
}

TEST(EscapeMarkdown, EscapesWhatActs) {
  EXPECT_EQ(EscapeMarkdown("*a* `b` | <c> #d ~e~ \\ $f$"),
            "\\*a\\* \\`b\\` \\| &lt;c\\> \\#d \\~e\\~ \\\\ \\$f\\$");
  EXPECT_EQ(EscapeMarkdown("snake_case _a_ [1, 2]"),
            "snake_case \\_a\\_ [1, 2]");
  EXPECT_EQ(EscapeMarkdown("![a](b) [c]: d &lt;"),
            "\\![a\\](b) [c\\]: d &amp;lt;");
  EXPECT_EQ(EscapeMarkdown("a\nb"), "a b");
}

TEST(MarkdownBlock, CannotBeEnded) {
  EXPECT_EQ(MarkdownBlock("a"), "```\na\n```\n");
  EXPECT_EQ(MarkdownBlock("a\n````\nb\n"), "`````\na\n````\nb\n`````\n");
}

TEST(FormatNumber, HasFourDigits) {
  EXPECT_EQ(FormatNumber(0), "0");
  EXPECT_EQ(FormatNumber(3.41159), "3.412");
  EXPECT_EQ(FormatNumber(-0.02), "\u22120.02");
  EXPECT_EQ(FormatNumber(999.94), "999.9");
  EXPECT_EQ(FormatNumber(999.96), "1 k");
  EXPECT_EQ(FormatNumber(1.2e9), "1.2 G");
  EXPECT_EQ(FormatNumber(124337664), "124.3 M");
  EXPECT_EQ(FormatNumber(3e21), "3000 E");
  EXPECT_EQ(FormatNumber(kInfinity), "not known");
  EXPECT_EQ(FormatNumber(std::nan("")), "not known");
}

TEST(FormatAmount, HasAUnit) {
  EXPECT_EQ(FormatAmount(262144, "B"), "262.1 kB");
  EXPECT_EQ(FormatAmount(12, "B"), "12 B");
  EXPECT_EQ(FormatAmount(1240000, ""), "1.24 M");
  EXPECT_EQ(FormatAmount(0, "B"), "-");
}

TEST(FormatTo, HasTheDigitsOfTheResolution) {
  EXPECT_EQ(FormatTo(1.58321, 0.0031), "1.5832");
  EXPECT_EQ(FormatTo(1.58321, 0.12), "1.58");
  EXPECT_EQ(FormatTo(83.21, 12), "83");
  EXPECT_EQ(FormatTo(83.21, 1200), "83");
  EXPECT_EQ(FormatTo(-1.58321, 0), "\u22121.583");
  EXPECT_EQ(FormatTo(1.58321, kInfinity), "1.583");
  EXPECT_EQ(FormatTo(1.58321, 1e-13), "1.583");
  EXPECT_EQ(FormatTo(1e300, 0.01), "1e+282 E");
  EXPECT_EQ(FormatTo(-kInfinity, 1), "not known");
  EXPECT_EQ(FormatSigned(0.0123, 0.001), "+0.0123");
  EXPECT_EQ(FormatSigned(-0.0123, 0.001), "\u22120.0123");
  EXPECT_EQ(FormatSigned(0, 0.001), "0.0000");
}

TEST(FormatP, NeverSaysZero) {
  EXPECT_EQ(FormatP(0), "< 0.0001");
  EXPECT_EQ(FormatP(0.012345), "0.012");
  EXPECT_EQ(FormatP(1), "1");
  EXPECT_EQ(FormatP(std::nan("")), "not known");
}

}  // namespace
}  // namespace archlab::report
