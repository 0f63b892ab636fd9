// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Shapes, element types and tensors; the tape's part of Tensor is in autograd/.

#include "archlab/tensor.h"

#include <cstring>

#include "archlab/check.h"
#include "tensor/storage.h"

namespace archlab {
namespace {

template <class T>
struct DTypeOf;
template <>
struct DTypeOf<double> {
  static constexpr DType kValue = DType::kF64;
};
template <>
struct DTypeOf<float> {
  static constexpr DType kValue = DType::kF32;
};
template <>
struct DTypeOf<BF16> {
  static constexpr DType kValue = DType::kBF16;
};
template <>
struct DTypeOf<int32_t> {
  static constexpr DType kValue = DType::kI32;
};

}  // namespace

Tensor Tensor::Empty(const Shape& shape, DType dtype) {
  Tensor tensor;
  tensor.shape_ = shape;
  tensor.dtype_ = dtype;
  tensor.storage_ = std::allocate_shared<Storage>(
      CacheAllocator<Storage>(), shape.size() * DTypeBytes(dtype));
  return tensor;
}

Tensor Tensor::Zeros(const Shape& shape, DType dtype) {
  Tensor tensor = Empty(shape, dtype);
  std::memset(tensor.raw(), 0, tensor.bytes());
  return tensor;
}

Tensor Tensor::Full(const Shape& shape, DType dtype, double value) {
  Tensor tensor = Empty(shape, dtype);
  for (int64_t i = 0; i < tensor.size(); ++i) tensor.Set(i, value);
  return tensor;
}

Tensor Tensor::From(const Shape& shape, absl::Span<const double> values,
                    DType dtype) {
  ARCHLAB_CHECK_EQ(shape.size(), int64_t(values.size())) << shape;
  Tensor tensor = Empty(shape, dtype);
  for (int64_t i = 0; i < tensor.size(); ++i) tensor.Set(i, values[i]);
  return tensor;
}

Tensor Tensor::FromI32(const Shape& shape, absl::Span<const int32_t> values) {
  ARCHLAB_CHECK_EQ(shape.size(), int64_t(values.size())) << shape;
  Tensor tensor = Empty(shape, DType::kI32);
  if (!values.empty()) std::memcpy(tensor.raw(), values.data(), tensor.bytes());
  return tensor;
}

void* Tensor::raw() {
  return const_cast<void*>(static_cast<const Tensor*>(this)->raw());
}

const void* Tensor::raw() const {
  ARCHLAB_CHECK(defined()) << "the tensor is undefined";
  return static_cast<const char*>(storage_->data) +
         offset_ * DTypeBytes(dtype_);
}

template <class T>
const T* Tensor::data() const {
  ARCHLAB_CHECK_EQ(dtype_, DTypeOf<T>::kValue) << shape_;
  return static_cast<const T*>(raw());
}

template <class T>
T* Tensor::data() {
  return const_cast<T*>(static_cast<const Tensor*>(this)->data<T>());
}

template double* Tensor::data();
template float* Tensor::data();
template BF16* Tensor::data();
template int32_t* Tensor::data();
template const double* Tensor::data() const;
template const float* Tensor::data() const;
template const BF16* Tensor::data() const;
template const int32_t* Tensor::data() const;

Tensor Tensor::View(const Shape& shape) const {
  Tensor view = *this;
  view.link_ = nullptr;
  view.shape_ = shape;
  int open = -1;
  int64_t known = 1;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] == -1) {
      ARCHLAB_CHECK_EQ(open, -1) << "two open dimensions in " << shape;
      open = i;
    } else {
      known *= shape[i];
    }
  }
  if (open >= 0) {
    ARCHLAB_CHECK(known > 0 && size() % known == 0)
        << shape_ << " as " << shape;
    view.shape_.set(open, size() / known);
  }
  ARCHLAB_CHECK_EQ(view.size(), size()) << shape_ << " as " << shape;
  return view;
}

Tensor Tensor::Rows(int64_t begin, int64_t count) const {
  ARCHLAB_CHECK_GT(rank(), 0);
  ARCHLAB_CHECK(begin >= 0 && count >= 0 && begin + count <= dim(0))
      << "rows " << begin << " to " << begin + count << " of " << shape_;
  Tensor rows = *this;
  rows.link_ = nullptr;
  rows.shape_.set(0, count);
  if (count > 0) rows.offset_ += begin * (rows.size() / count);
  return rows;
}

double Tensor::At(int64_t i) const {
  ARCHLAB_CHECK(i >= 0 && i < size()) << i << " in " << shape_;
  switch (dtype_) {
    case DType::kF64:
      return static_cast<const double*>(raw())[i];
    case DType::kF32:
      return static_cast<const float*>(raw())[i];
    case DType::kBF16:
      return static_cast<const BF16*>(raw())[i].ToFloat();
    case DType::kI32:
      return static_cast<const int32_t*>(raw())[i];
  }
  return 0;
}

void Tensor::Set(int64_t i, double value) {
  ARCHLAB_CHECK(i >= 0 && i < size()) << i << " in " << shape_;
  switch (dtype_) {
    case DType::kF64:
      static_cast<double*>(raw())[i] = value;
      return;
    case DType::kF32:
      static_cast<float*>(raw())[i] = float(value);
      return;
    case DType::kBF16:
      static_cast<BF16*>(raw())[i] = BF16::From(float(value));
      return;
    case DType::kI32:
      static_cast<int32_t*>(raw())[i] = int32_t(value);
      return;
  }
}

std::vector<double> Tensor::ToVector() const {
  std::vector<double> values(size());
  for (int64_t i = 0; i < size(); ++i) values[i] = At(i);
  return values;
}

Tensor Tensor::Clone() const {
  Tensor copy = Empty(shape_, dtype_);
  std::memcpy(copy.raw(), raw(), bytes());
  return copy;
}

}  // namespace archlab
