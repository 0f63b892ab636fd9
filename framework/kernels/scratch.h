// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#ifndef ARCHLAB_KERNELS_SCRATCH_H_
#define ARCHLAB_KERNELS_SCRATCH_H_

#include <cstdint>

#include "tensor/storage.h"

namespace archlab {

// Memory for n elements, not initialised, from the cache of storage.h.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t n) : storage_(n * sizeof(T)) {}
  T* data() const { return static_cast<T*>(storage_.data); }

 private:
  Storage storage_;
};

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_SCRATCH_H_
