// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What of the machine and its libraries changes the bits of a run.

#ifndef ARCHLAB_ISA_H_
#define ARCHLAB_ISA_H_

#include <string>

namespace archlab {

// The instruction sets in use, "AVX3 avx512_core_amx": of the own kernels and
// of oneDNN.
std::string IsaName();
// The libraries whose arithmetic is used, "oneDNN 2.6.3".
std::string LibraryVersions();

}  // namespace archlab

#endif  // ARCHLAB_ISA_H_
