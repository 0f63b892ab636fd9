// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Element types and shapes.

#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "archlab/check.h"
#include "archlab/tensor.h"

namespace archlab {

absl::string_view DTypeName(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return "f64";
    case DType::kF32:
      return "f32";
    case DType::kBF16:
      return "bf16";
    case DType::kI32:
      return "i32";
  }
  return "unknown";
}

int64_t DTypeBytes(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return 8;
    case DType::kF32:
    case DType::kI32:
      return 4;
    case DType::kBF16:
      return 2;
  }
  return 0;
}

BF16 BF16::From(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  if (std::isnan(value)) return {uint16_t(bits >> 16 | 0x40)};  // stays a NaN
  return {uint16_t((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

float BF16::ToFloat() const {
  const uint32_t wide = uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, sizeof(value));
  return value;
}

Shape::Shape(std::initializer_list<int64_t> dims)
    : Shape(absl::Span<const int64_t>(dims.begin(), dims.size())) {}

Shape::Shape(absl::Span<const int64_t> dims) : rank_(int(dims.size())) {
  ARCHLAB_CHECK_LE(rank_, kMaxRank);
  for (int i = 0; i < rank_; ++i) dims_[i] = dims[i];
}

int64_t Shape::size() const {
  int64_t size = 1;
  for (const int64_t dim : dims()) size *= dim;
  return size;
}

std::string Shape::ToString() const {
  return absl::StrCat("[", absl::StrJoin(dims(), ", "), "]");
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << shape.ToString();
}

std::ostream& operator<<(std::ostream& out, DType dtype) {
  const absl::string_view name = DTypeName(dtype);
  return out.write(name.data(), name.size());
}

}  // namespace archlab
