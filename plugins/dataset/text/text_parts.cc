// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Finding documents and splitting a corpus by characters.

#include "text_parts.h"

#include <algorithm>
#include <utility>

#include "archlab/file.h"
#include "archlab/status.h"
#include "text_cursor.h"

namespace archlab {
namespace {

constexpr char32_t kByteOrderMark = 0xFEFF;

// Cuts `extent` after `characters` characters; the rest goes to `after`.
absl::Status Cut(int64_t characters, bool utf8, Extent* extent, Extent* after) {
  ARCHLAB_ASSIGN_OR_RETURN(FileReader file, FileReader::Open(*extent->path));
  TextCursor cursor(std::move(file), extent->begin, extent->end, utf8, 0);
  for (int64_t i = 0; i < characters && cursor.Next();) ++i;
  ARCHLAB_RETURN_IF_ERROR(cursor.status());
  *after = *extent;
  after->begin = extent->end = cursor.offset();
  after->characters = extent->characters - characters;
  extent->characters = characters;
  return absl::OkStatus();
}

}  // namespace

absl::Status ScanFile(const std::string& path, const ScanOptions& options,
                      std::vector<Extent>* documents) {
  ARCHLAB_ASSIGN_OR_RETURN(FileReader file, FileReader::Open(path));
  const int64_t bytes = file.bytes();
  const std::string& separator = options.separator;
  TextCursor cursor(std::move(file), 0, bytes, options.utf8, separator.size());
  Extent current{&path};
  while (cursor.Next()) {
    current.end = cursor.offset();
    if (options.utf8 && current.end == 3 && cursor.value() == kByteOrderMark) {
      current.begin = current.end;
      continue;
    }
    ++current.characters;
    const int64_t size = static_cast<int64_t>(separator.size());
    // The last byte first: a comparison a character is slow.
    if (size == 0 || current.end - current.begin < size ||
        cursor.Tail(1)[0] != separator.back() ||
        cursor.Tail(separator.size()) != separator)
      continue;
    documents->push_back(current);
    current = {&path, current.end, current.end};
  }
  if (current.characters > 0) documents->push_back(current);
  return cursor.status();
}

absl::Status SplitOff(double share, const ScanOptions& options,
                      std::vector<Extent>* documents,
                      std::vector<Extent>* tail) {
  int64_t total = 0;
  for (const Extent& extent : *documents) total += extent.characters;
  int64_t left =
      static_cast<int64_t>(static_cast<double>(total) * (1.0 - share));
  // The first document that does not stay whole.
  auto border = documents->begin();
  for (; border != documents->end() && border->characters <= left; ++border)
    left -= border->characters;
  tail->assign(border, documents->end());
  documents->erase(border, documents->end());
  if (left == 0 || tail->empty()) return absl::OkStatus();
  documents->push_back(tail->front());
  return Cut(left, options.utf8, &documents->back(), &tail->front());
}

}  // namespace archlab
