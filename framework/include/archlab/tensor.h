// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Tensor: a handle to a dense row-major array, with an optional place on the
// autograd tape. Copies of a handle share the storage.
//
// Letters, everywhere the same: B batch, T time (Tq, Tk queries and keys),
// H heads, D head dimension, C channels (model width), V vocabulary, E experts.

#ifndef ARCHLAB_TENSOR_H_
#define ARCHLAB_TENSOR_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace archlab {

// Element types. f64 is the reference's (slow, naive, the oracle of tests).
enum class DType : uint8_t { kF64, kF32, kBF16, kI32 };

// "f64", "f32", "bf16", "i32".
absl::string_view DTypeName(DType dtype);
int64_t DTypeBytes(DType dtype);
inline bool IsFloat(DType dtype) { return dtype != DType::kI32; }

// A brain float: the upper half of an f32.
struct BF16 {
  uint16_t bits;
  static BF16 From(float value);  // rounds to nearest even
  float ToFloat() const;
};

// Lengths of the dimensions, up to kMaxRank of them. Rank 0 is a scalar.
class Shape {
 public:
  static constexpr int kMaxRank = 6;
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims);  // NOLINT: {B, T, C} reads well
  explicit Shape(absl::Span<const int64_t> dims);

  int rank() const { return rank_; }
  // Negative i counts from the end.
  int64_t operator[](int i) const { return dims_[i < 0 ? i + rank_ : i]; }
  void set(int i, int64_t dim) { dims_[i < 0 ? i + rank_ : i] = dim; }
  int64_t size() const;  // product of the dimensions
  absl::Span<const int64_t> dims() const {
    return {dims_.data(), size_t(rank_)};
  }
  std::string ToString() const;  // "[2, 3]"
  friend bool operator==(const Shape& a, const Shape& b) {
    return a.dims() == b.dims();
  }

 private:
  std::array<int64_t, kMaxRank> dims_ = {};
  int rank_ = 0;
};
std::ostream& operator<<(std::ostream& out, const Shape& shape);
std::ostream& operator<<(std::ostream& out, DType dtype);

struct Storage;   // shared, 64-byte aligned memory (tensor/storage.h)
struct TapeLink;  // place on the tape (autograd/tape.h)

class Tensor {
 public:
  // No tensor; defined() is false.
  Tensor() = default;

  // Uninitialised, zeroed, constant. Memory comes from a caching allocator: in
  // a steady training step none is taken from the system.
  static Tensor Empty(const Shape& shape, DType dtype);
  static Tensor Zeros(const Shape& shape, DType dtype);
  static Tensor Full(const Shape& shape, DType dtype, double value);
  // Copies `values` (row-major), converted to dtype.
  static Tensor From(const Shape& shape, absl::Span<const double> values,
                     DType dtype = DType::kF32);
  static Tensor FromI32(const Shape& shape, absl::Span<const int32_t> values);

  bool defined() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  int64_t dim(int i) const { return shape_[i]; }  // negative: from the end
  int64_t size() const { return shape_.size(); }
  int64_t bytes() const { return size() * DTypeBytes(dtype_); }
  DType dtype() const { return dtype_; }

  // The elements. T must match dtype: double, float, BF16 or int32_t.
  template <class T>
  T* data();
  template <class T>
  const T* data() const;
  void* raw();
  const void* raw() const;

  // The same elements under another shape (of equal size; one dimension may
  // be -1), or `count` entries of dimension 0 from `begin`; no copy, not
  // recorded on the tape (Reshape and Slice of ops.h are).
  Tensor View(const Shape& shape) const;
  Tensor Rows(int64_t begin, int64_t count) const;

  // Element i in row-major order as a double; any dtype. For tests and logs.
  double At(int64_t i) const;
  void Set(int64_t i, double value);
  std::vector<double> ToVector() const;
  // A copy with its own storage, off the tape.
  Tensor Clone() const;

  // Autograd (autograd/tape.h). A tensor is on the tape when it was made from
  // a tensor that requires gradients.
  bool requires_grad() const;
  // Makes this a leaf whose gradient is collected (in `grad`).
  Tensor& SetRequiresGrad();
  // The gradient after Backward; undefined when there is none.
  Tensor grad() const;
  void ClearGrad();
  // The same elements, off the tape.
  Tensor Detach() const;
  // Whether no other handle shares the storage, so that an operation that owns
  // this one may overwrite it.
  bool is_sole_owner() const { return storage_.use_count() == 1; }

  // For ops: see autograd/tape.h.
  const std::shared_ptr<TapeLink>& link() const { return link_; }
  void set_link(std::shared_ptr<TapeLink> link) { link_ = std::move(link); }

 private:
  std::shared_ptr<Storage> storage_;
  int64_t offset_ = 0;  // of the first element, in elements
  Shape shape_;
  DType dtype_ = DType::kF32;
  std::shared_ptr<TapeLink> link_;
};

}  // namespace archlab

#endif  // ARCHLAB_TENSOR_H_
