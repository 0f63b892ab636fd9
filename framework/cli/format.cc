// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "cli/format.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/check.h"

namespace archlab {
namespace {

bool IsNumber(const std::string& cell) {
  return !cell.empty() &&
         (std::isdigit(static_cast<unsigned char>(cell[0])) || cell == "-");
}

}  // namespace

std::string WithCommas(double whole) {
  std::string digits = absl::StrFormat("%.0f", whole);
  const size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string Bytes(double bytes) {
  if (bytes == 0) return "-";
  const char* const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  double value = bytes;
  int unit = 0;
  for (; value >= 1000 && unit < 6; ++unit) value /= 1000;
  char text[32];
  std::snprintf(text, sizeof text,
                value < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", value,
                units[unit]);
  return text;
}

Table::Table(std::vector<std::string> header) {
  rows_.push_back(std::move(header));
  AddRule();
}

void Table::Add(std::vector<std::string> row) {
  ARCHLAB_CHECK_EQ(row.size(), rows_[0].size()) << "cells of a row";
  rows_.push_back(std::move(row));
}

void Table::AddRule() { rows_.emplace_back(); }

std::string Table::ToString() const {
  std::vector<size_t> widths(rows_[0].size());
  size_t total = 0;
  for (size_t c = 0; c < widths.size(); ++c) {
    for (const auto& row : rows_)
      if (!row.empty()) widths[c] = std::max(widths[c], row[c].size());
    total += widths[c] + (c ? 2 : 0);
  }
  std::string text;
  for (size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    if (rows_[r].empty()) line.assign(total, '-');
    for (size_t c = 0; c < rows_[r].size(); ++c) {
      const std::string& cell = rows_[r][c];
      const std::string pad(widths[c] - cell.size(), ' ');
      if (c) line += "  ";
      line += r > 0 && c > 0 && IsNumber(cell) ? pad + cell : cell + pad;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace archlab
