// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// All kernels: functions on raw pointers and sizes, the bottom of every
// operation. Common rules:
//
// - Arrays are dense and row-major; an output may be an input unless said
//   otherwise, but may not overlap it partly.
// - T is double (runs on the naive loops of reference.h), float or BF16.
//   BF16 is widened to float in registers; results round to nearest even.
// - Work is split into fixed chunks: results do not depend on the number of
//   threads. Small work is done by the calling thread.
// - NaN and infinity go through as in IEEE arithmetic, never hidden.

#ifndef ARCHLAB_KERNELS_H_
#define ARCHLAB_KERNELS_H_

#include "kernels/convert.h"
#include "kernels/elementwise.h"
#include "kernels/gather.h"
#include "kernels/loss.h"
#include "kernels/matmul.h"
#include "kernels/norm.h"
#include "kernels/reduce.h"
#include "kernels/softmax.h"
#include "kernels/types.h"

#endif  // ARCHLAB_KERNELS_H_
