// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Text for people: tables, thousands, bytes.

#ifndef ARCHLAB_FORMAT_H_
#define ARCHLAB_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace archlab {

std::string WithCommas(double whole);  // 1,234,567
std::string Bytes(double bytes);       // "1.5 MB"; "-" for 0

// A table with aligned columns; cells that are numbers are right-aligned,
// but for the first column, which has names.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void Add(std::vector<std::string> row);  // as many cells as the header
  void AddRule();                          // a horizontal line
  std::string ToString() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // an empty row is a rule
};

}  // namespace archlab

#endif  // ARCHLAB_FORMAT_H_
