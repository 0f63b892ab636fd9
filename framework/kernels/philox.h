// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Which blocks of random words a kernel computes.

#ifndef ARCHLAB_PHILOX_H_
#define ARCHLAB_PHILOX_H_

#include <cstdint>

namespace archlab {

struct PhiloxPlace {
  uint64_t key, place;  // of Random
};

}  // namespace archlab

#endif  // ARCHLAB_PHILOX_H_
