// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/text.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "archlab/utf8.h"

namespace archlab::report {
namespace {

constexpr char kUnknown[] = "not known";

bool IsControl(char32_t c) {
  return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
}

// Reads right-to-left overrides and the like as what they are: noise.
bool IsDirectionMark(char32_t c) {
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

// Minus as a sign of its own, which is as wide as plus.
std::string TrueMinus(absl::string_view number) {
  return absl::StrReplaceAll(number, {{"-", "\u2212"}});
}

}  // namespace

std::string CleanText(absl::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = DecodeCodePoint(text, at);
    const bool good = point.state == CodePoint::kValid &&
                      !IsControl(point.value) && !IsDirectionMark(point.value);
    AppendCodePoint(good ? point.value : 0xfffd, &clean);
    at += std::max(point.bytes, 1);
  }
  return clean;
}

std::string EscapeHtml(absl::string_view text) {
  return absl::StrReplaceAll(CleanText(text), {{"&", "&amp;"},
                                               {"<", "&lt;"},
                                               {">", "&gt;"},
                                               {"\"", "&quot;"},
                                               {"'", "&#39;"}});
}

std::string EscapeMarkdown(absl::string_view text) {
  const std::string clean = CleanText(text);
  std::string escaped;
  for (size_t i = 0; i < clean.size(); ++i) {
    const char c = clean[i];
    const char next = i + 1 < clean.size() ? clean[i + 1] : ' ';
    const bool inside =
        i > 0 && absl::ascii_isalnum(clean[i - 1]) && absl::ascii_isalnum(next);
    const bool link = c == ']' && (next == '(' || next == ':' || next == '[');
    if (c == '\n' || c == '\t') {
      escaped += ' ';
    } else if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else {
      // snake_case and [intervals] stay as they are: only what acts is escaped.
      if (absl::string_view("`*>#|~$\\!").find(c) != std::string::npos ||
          (c == '_' && !inside) || link)
        escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string MarkdownBlock(absl::string_view text) {
  const std::string clean = CleanText(text);
  std::string fence = "```";
  while (clean.find(fence) != std::string::npos) fence += '`';
  const bool ends = !clean.empty() && clean.back() == '\n';
  return absl::StrCat(fence, "\n", clean, ends ? "" : "\n", fence, "\n");
}

std::string FormatNumber(double value) {
  if (!std::isfinite(value)) return kUnknown;
  constexpr absl::string_view kPrefixes[] = {"",   " k", " M", " G",
                                             " T", " P", " E"};
  double scaled = value;
  size_t prefix = 0;
  // 999.96 would print as 1000.
  while (std::abs(scaled) >= 999.95 && prefix + 1 < std::size(kPrefixes)) {
    scaled /= 1000;
    ++prefix;
  }
  return TrueMinus(absl::StrFormat("%.4g%s", scaled, kPrefixes[prefix]));
}

std::string FormatAmount(double value, absl::string_view unit) {
  if (value == 0) return "-";
  const std::string number = FormatNumber(value);
  if (number == kUnknown || unit.empty()) return number;
  const bool prefixed = absl::ascii_isalpha(number.back());
  return absl::StrCat(number, prefixed ? "" : " ", unit);
}

std::string FormatTo(double value, double resolution) {
  if (!std::isfinite(value)) return kUnknown;
  if (!std::isfinite(resolution) || resolution <= 0) return FormatNumber(value);
  const double decimals = 1 - std::floor(std::log10(resolution));
  // A huge or a tiny one is better told by its own digits.
  if (decimals > 9 || std::abs(value) >= 1e6) return FormatNumber(value);
  return TrueMinus(
      absl::StrFormat("%.*f", std::max(static_cast<int>(decimals), 0), value));
}

std::string FormatSigned(double value, double resolution) {
  const std::string number = FormatTo(value, resolution);
  return value > 0 && number != kUnknown ? "+" + number : number;
}

std::string FormatP(double p) {
  if (!std::isfinite(p)) return kUnknown;
  return p < 1e-4 ? "< 0.0001" : absl::StrFormat("%.2g", p);
}

double HalfWidth(const Interval& interval) {
  return (interval.high - interval.low) / 2;
}

bool IsFinite(const Interval& interval) {
  return std::isfinite(interval.low) && std::isfinite(interval.high);
}

}  // namespace archlab::report
