// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "idx.h"

#include "absl/strings/str_cat.h"
#include "archlab/file.h"
#include "archlab/status.h"

namespace archlab {
namespace {

constexpr int kUnsignedBytes = 8;  // the type's number

uint32_t BigEndian(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = at; i < at + 4; ++i)
    value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

}  // namespace

absl::StatusOr<Idx> ReadIdx(const std::string& path, int dims) {
  ARCHLAB_ASSIGN_OR_RETURN(const std::string content, ReadUnpacked(path));
  const size_t header = 4 + 4 * static_cast<size_t>(dims);
  const uint32_t magic = static_cast<uint32_t>(kUnsignedBytes << 8 | dims);
  if (content.size() < 4 || BigEndian(content, 0) != magic)
    return absl::InvalidArgumentError(absl::StrCat(
        "'", path, "' is no IDX file of bytes with ", dims, " dimension",
        dims == 1 ? "" : "s", "; it should begin with the bytes 0 0 8 ", dims));
  if (content.size() < header)
    return absl::DataLossError(absl::StrCat(
        "'", path, "' is cut short: it ends in its header; get it again"));
  Idx idx;
  uint64_t elements = 1;
  for (int i = 0; i < dims; ++i) {
    const uint32_t size = BigEndian(content, 4 + 4 * static_cast<size_t>(i));
    idx.dims.push_back(size);
    // Sizes that do not fit in 64 bits do not fit in a file either.
    if (__builtin_mul_overflow(elements, uint64_t{size}, &elements))
      elements = UINT64_MAX;
  }
  const uint64_t there = content.size() - header;
  if (there != elements)
    return absl::DataLossError(
        absl::StrCat("'", path, "' has ", there,
                     " bytes of elements where its "
                     "header says ",
                     elements,
                     there < elements ? "; it is cut short: get it again"
                                      : "; it is damaged: get it again"));
  idx.bytes = content.substr(header);
  return idx;
}

}  // namespace archlab
