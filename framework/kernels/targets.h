// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Which instruction sets the kernels are compiled for: on x86-64 the baseline,
// AVX2 and AVX-512 (what is between them brings little here), on Arm NEON (the
// vectors of SVE have no size, so they cannot stand in structs and arrays).
// Include before Highway.

#ifndef ARCHLAB_TARGETS_H_
#define ARCHLAB_TARGETS_H_

// The numbers are AVX3_ZEN4 and AVX3_SPR, which Highway 1.0 does not know.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS                                                \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | (1LL << 6) | (1LL << 4) | HWY_SVE | \
   HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#endif

#endif  // ARCHLAB_TARGETS_H_
